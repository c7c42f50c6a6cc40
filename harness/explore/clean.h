// SPDX-License-Identifier: MIT
// explore: further runs without a fault: what the program prints by itself, now and then.
#ifndef SHMCHECK_HARNESS_EXPLORE_CLEAN_H
#define SHMCHECK_HARNESS_EXPLORE_CLEAN_H

#include "harness/explore/sweep.h"

enum {
	CLEAN_RUNS = 16, /* for each point that seems to print something else */
	CLEAN_MOST = 64 /* in one exploration */
};

/* Asks for COUNT runs more, CLEAN_MOST in all. */
void clean_ask(struct sweep *sweep, unsigned count);

/* Whether another one is to be started; it is begun with *RET_ASSIGNMENT. Some are slower than the program is by itself,
 * in others segments have other ids: what it prints of these shows then. */
bool clean_next(const struct sweep_settings *settings, struct sweep *sweep,
		struct assignment *ret_assignment);

/* Whether some that were asked for are not done. */
bool clean_is_due(const struct sweep *sweep);

/* Expects the outputs in FILES too. Returns 1 when they were not expected so far, 0, or -errno. */
int clean_learn(struct sweep *sweep, const struct run_files *files);

/* Takes in a run: TRIAL (NULL: it broke) and FILES. Points that printed something else are judged anew when more turned
 * out to be expected. Returns 0 or -errno. */
int clean_take(struct sweep *sweep, const struct trial *trial, const struct run_files *files);

#endif
