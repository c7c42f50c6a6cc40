// SPDX-License-Identifier: MIT
// explore: what the places in the program are called: stack identities and their words.
#ifndef SHMCHECK_HARNESS_EXPLORE_PLACES_H
#define SHMCHECK_HARNESS_EXPLORE_PLACES_H

#include "harness/explore/replay.h"
#include "harness/explore/trial.h"

struct places;

/* NULL: no memory. */
struct places *places_new(void);

/* Learns the places of CALLS from the log of the run that made them. */
void places_learn(struct places *places, const struct replay *replay, const struct observation *calls,
		  size_t count);

/* "attach (shm.c:12)"; a number where nothing is known. Owned by PLACES. */
const char *places_name(struct places *places, uint64_t stack);

void places_free(struct places *places);

#endif
