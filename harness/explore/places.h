// SPDX-License-Identifier: MIT
// explore: what the places in the program are called: stack identities and their words.
#ifndef SHMCHECK_HARNESS_EXPLORE_PLACES_H
#define SHMCHECK_HARNESS_EXPLORE_PLACES_H

#include "harness/explore/replay.h"
#include "harness/explore/trial.h"
#include "harness/report/told.h"

struct places;

/* NULL: no memory. Locations live in KEEP. */
struct places *places_new(struct keep *keep);

/* Learns the places of COUNT CALLS from the log of the run that made them. */
void places_learn(struct places *places, const struct replay *replay, const struct observation *calls,
		  size_t count);

/* "attach (shm.c:12)"; a number where nothing is known. Owned by PLACES. */
const char *places_name(struct places *places, uint64_t stack);

/* Where that is; all NULL where nothing is known. */
struct location places_location(struct places *places, uint64_t stack);

void places_free(struct places *places);

#endif
