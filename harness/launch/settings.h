// SPDX-License-Identifier: MIT
// launch: what a run was told, as words of a command line, so that it can be repeated.
#ifndef SHMCHECK_HARNESS_LAUNCH_SETTINGS_H
#define SHMCHECK_HARNESS_LAUNCH_SETTINGS_H

#include "launch.h"

enum { SETTINGS_LIMITS = 96 };

/* "shmmni=4,shmall=64": those of LIMITS that were given; "" for none. */
void settings_limits(const struct ipc_limits *limits, char ret_text[SETTINGS_LIMITS]);

/* Adds to EVIDENCE what OPTIONS say beyond the defaults; rules and the namespace it knows already. Returns 0 or -ENOMEM. */
int settings_tell(const struct launch_options *options, struct evidence *evidence);

#endif
