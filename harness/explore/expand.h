// SPDX-License-Identifier: MIT
// explore: which faults a call could have met: an observation becomes points.
#ifndef SHMCHECK_HARNESS_EXPLORE_EXPAND_H
#define SHMCHECK_HARNESS_EXPLORE_EXPAND_H

#include "harness/explore/point.h"

#include <stdbool.h>

enum { EXPAND_LIST_MAX = 32, EXPAND_POINTS_MAX = 128 };

struct expand_settings {
	unsigned calls; /* bit per enum event: --calls */
	bool all_errnos; /* --errnos=all */
	int errnos[EXPAND_LIST_MAX]; /* --errnos=LIST; errno_count 0: by the table */
	unsigned errno_count;
	int signals[EXPAND_LIST_MAX]; /* --signals: instead of errnos */
	unsigned signal_count;
	bool once, persist;
	bool worlds; /* make an errno true where that can be */
	bool denies; /* EACCES too: the program is not privileged */
};

/* Puts the points of CALL into RET_POINTS (room for EXPAND_POINTS_MAX) and returns how many they are. A call that
 * failed by itself has no point with that errno. Pure. */
unsigned expand(const struct expand_settings *settings, const struct observation *call,
		struct point *ret_points);

#endif
