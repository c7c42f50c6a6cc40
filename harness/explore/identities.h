// SPDX-License-Identifier: MIT
// explore: identities of stacks, for many runs of the same program: each stack is unwound once.
#ifndef SHMCHECK_HARNESS_EXPLORE_IDENTITIES_H
#define SHMCHECK_HARNESS_EXPLORE_IDENTITIES_H

#include "protocol/arena.h"

#include <stddef.h>
#include <stdint.h>

struct identities;

/* NULL: no memory. */
struct identities *identities_new(void);

/* The stacks of the next run lie in ARENA. */
void identities_begin(struct identities *identities, const struct arena *arena, uint64_t size);

/* stack_identity() of the stack behind REF; 0 for none. Where a copy is the same as one that was seen in an earlier run,
 * but for the addresses at which modules and stack lie, so is its walk. */
uint64_t identities_get(struct identities *identities, uint32_t ref);

/* "fio+0x1f2e": the place that ADDRESS (a call's return address, with the stack behind REF) has in its module's file;
 * "" where that cannot be said in SIZE bytes, or in a rule. */
void identities_site(const struct identities *identities, uint32_t ref, uint64_t address, char *ret_site,
		     size_t size);

void identities_free(struct identities *identities);

#endif
