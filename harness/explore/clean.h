// SPDX-License-Identifier: MIT
// explore: further runs without a fault: what the program prints by itself, now and then.
#ifndef SHMCHECK_HARNESS_EXPLORE_CLEAN_H
#define SHMCHECK_HARNESS_EXPLORE_CLEAN_H

#include "harness/explore/sweep.h"

enum {
	CLEAN_RUNS = 16, /* for each point that seems to print something else */
	CLEAN_MOST = 64, /* in one exploration */
	CLEAN_SHARE = 4 /* with a budget: one run of so many */
};

/* Asks for COUNT runs more, CLEAN_MOST in all. */
void clean_ask(struct sweep *sweep, unsigned count);

/* Whether the next run is to be one that was asked for. A budget is for the points: these runs have their share of it,
 * or CLEAN_RUNS, and no more than their share so far while there is a point to try (HAS_POINT). */
bool clean_has_turn(const struct sweep_settings *settings, const struct sweep *sweep, bool has_point);

/* That run. Some are slower than the program is by itself, in others segments have other ids: what it prints of these
 * shows then. */
struct assignment clean_next(const struct sweep_settings *settings, struct sweep *sweep);

/* Whether some that were asked for, and that the budget has room for, are not done. */
bool clean_is_due(const struct sweep_settings *settings, const struct sweep *sweep);

/* Expects the outputs in FILES too. Returns 1 when they were not expected so far, 0, or -errno. */
int clean_learn(struct sweep *sweep, const struct run_files *files);

/* Takes in a run: TRIAL (NULL: it broke) and FILES. Points that printed something else are judged anew when more turned
 * out to be expected. Returns 0 or -errno. */
int clean_take(const struct sweep_settings *settings, struct sweep *sweep, const struct trial *trial,
	       const struct run_files *files);

#endif
