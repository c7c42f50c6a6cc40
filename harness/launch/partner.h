// SPDX-License-Identifier: MIT
// launch: partners outside that a private IPC namespace hides.
#ifndef SHMCHECK_HARNESS_LAUNCH_PARTNER_H
#define SHMCHECK_HARNESS_LAUNCH_PARTNER_H

#include "harness/analyze/evidence.h"
#include "harness/launch/target.h"

/* Adds a hint for each partner that the environment and the program TARGET make likely. Returns 0 or -ENOMEM. */
int partner_hints(const struct target *target, struct evidence *evidence);

#endif
