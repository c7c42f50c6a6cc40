// SPDX-License-Identifier: MIT
// explore: identities of stacks, for many runs of the same program: each stack is unwound once.
#ifndef SHMCHECK_HARNESS_EXPLORE_IDENTITIES_H
#define SHMCHECK_HARNESS_EXPLORE_IDENTITIES_H

#include "protocol/arena.h"

#include <stdint.h>

struct identities;

/* NULL: no memory. */
struct identities *identities_new(void);

/* The stacks of the next run lie in ARENA. */
void identities_begin(struct identities *identities, const struct arena *arena, uint64_t size);

/* stack_identity() of the stack behind REF; 0 for none. Where a copy is the same as one that was seen in an earlier run,
 * but for the addresses at which modules and stack lie, so is its walk. */
uint64_t identities_get(struct identities *identities, uint32_t ref);

void identities_free(struct identities *identities);

#endif
