// SPDX-License-Identifier: MIT
// launch: the private IPC namespace and its limits.
#ifndef SHMCHECK_HARNESS_LAUNCH_SANDBOX_H
#define SHMCHECK_HARNESS_LAUNCH_SANDBOX_H

#include "harness/launch/launch.h"

/* Moves the calling process (it must have one thread) into an IPC namespace of its own with the host's limits, or
 * OPTIONS' ones. Without privilege by two user namespaces: the outer maps 0 and sets the limits, the inner one maps the
 * user's own ids (user_namespaces(7)). Puts the outcome in EVIDENCE. Returns 0, or -errno with WHY. */
int sandbox_enter(const struct launch_options *options, struct evidence *evidence, char why[512]);

#endif
