// SPDX-License-Identifier: MIT
// explore: identities of stacks, for many runs of the same program: each stack is unwound once.
#ifndef SHMCHECK_HARNESS_EXPLORE_IDENTITIES_H
#define SHMCHECK_HARNESS_EXPLORE_IDENTITIES_H

#include "harness/explore/trial.h"
#include "protocol/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct identities;

struct places;

/* What PLACES (NULL: nothing) knows is not described again: that takes longer than many runs. NULL: no memory. */
struct identities *identities_new(const struct places *places);

/* The stacks of the next run lie in ARENA. */
void identities_begin(struct identities *identities, const struct arena *arena, uint64_t size);

/* A stack as explore sees it. */
struct identity {
	uint64_t stack; /* stack_identity() */
	char site[SITE_MAX]; /* as in struct observation */
	struct place place;
	bool is_told; /* the caller's own mark */
};

/* The stack behind REF; NULL for none. Owned by IDENTITIES, valid until its end. Where a copy is the same as one that
 * was seen in an earlier run, but for the addresses at which modules and stack lie, so is its walk. */
struct identity *identities_get(struct identities *identities, uint32_t ref);

/* Its number alone; 0 for none. */
uint64_t identities_stack(struct identities *identities, uint32_t ref);

#endif
