// SPDX-License-Identifier: MIT
// scenario: the processes that are started, one part for each instance, by their roles.
#ifndef SHMCHECK_HARNESS_SCENARIO_PART_H
#define SHMCHECK_HARNESS_SCENARIO_PART_H

#include "harness/scenario/scenario.h"
#include "protocol/session.h"

#include <stddef.h>

struct part {
	const struct scenario_process *process;
	unsigned index; /* of PROCESS in the file */
	char role[ROLE_MAX]; /* "reader", or "reader-2" of several */
};

struct parts {
	struct part list[SCENARIO_ROLES];
	size_t count;
};

/* Parts one behind the other. */
struct part_range {
	size_t first, count;
};

/* The parts of SCENARIO; -ENOSPC when they are too many. */
int parts_make(const struct scenario *scenario, struct parts *ret_parts);

/* Those that ROLE names, by a process's name or by one instance's; what stands behind its first @ (a child) does not
 * count. Count 0: none. */
struct part_range parts_find(const struct parts *parts, const char *role);

/* The process's name that is nearest to ROLE, or NULL. */
const char *parts_nearest(const struct parts *parts, const char *role);

#endif
