// SPDX-License-Identifier: MIT
// explore: what the places in the program are called.
#ifndef SHMCHECK_HARNESS_EXPLORE_PLACES_H
#define SHMCHECK_HARNESS_EXPLORE_PLACES_H

#include "harness/explore/trial.h"

struct places;

/* NULL: no memory. */
struct places *places_new(void);

/* Learns what TRIAL tells. Returns 0 or -ENOMEM. */
int places_learn(struct places *places, const struct trial *trial);

/* "attach (shm.c:12)", with the callers where that alone is several places; a number where nothing is known. Owned by
 * PLACES, valid until the next is learned. */
const char *places_name(struct places *places, uint64_t stack);

/* NULL where nothing is known. */
const struct place *places_find(const struct places *places, uint64_t stack);

void places_free(struct places *places);

#endif
