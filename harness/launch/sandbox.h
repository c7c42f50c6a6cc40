// SPDX-License-Identifier: MIT
// launch: the private IPC namespace and its limits.
#ifndef SHMCHECK_HARNESS_LAUNCH_SANDBOX_H
#define SHMCHECK_HARNESS_LAUNCH_SANDBOX_H

#include "harness/launch/launch.h"

#include <sys/types.h>

/* Moves the calling process (it must have one thread) into an IPC namespace of its own with the host's limits, or
 * OPTIONS' ones. Without privilege by two user namespaces: the outer maps 0 and sets the limits, the inner one maps the
 * user's own ids (user_namespaces(7)). Puts the outcome in EVIDENCE. Returns 0, or -errno with WHY. */
int sandbox_enter(const struct launch_options *options, struct evidence *evidence, char why[512]);

enum { SANDBOX_SETTINGS = 4, SANDBOX_VALUE_MAX = 32 };

/* How a process gives each of its children a namespace of its own. */
struct sandbox {
	bool is_private; /* false: they run in ours */
	bool is_rootless; /* the caller lives in the outer user namespace, each child enters the inner one */
	bool sets_limits; /* the wanted limits are not those of a fresh namespace */
	uid_t user;
	gid_t group;
	char values[SANDBOX_SETTINGS][SANDBOX_VALUE_MAX];
};

/* Prepares the calling process (it must have one thread) for children that clone(2) starts with CLONE_NEWIPC and that
 * call sandbox_child first. Puts what holds for all their runs in EVIDENCE. Returns 0, or -errno with WHY. */
int sandbox_open(const struct launch_options *options, struct sandbox *ret_sandbox, struct evidence *evidence,
		 char why[512]);

/* In such a child: sets the limits, enters the inner user namespace. Async-signal-safe. Returns 0 or -errno. */
int sandbox_child(const struct sandbox *sandbox);

#endif
