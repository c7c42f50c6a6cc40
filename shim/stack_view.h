// SPDX-License-Identifier: MIT
// shim: the part of a stack that is looked at.
#ifndef SHMCHECK_SHIM_STACK_VIEW_H
#define SHMCHECK_SHIM_STACK_VIEW_H

#include "protocol/arena.h"
#include "shim/stack_reach.h"

struct view {
	const uint64_t *words; /* the stack itself, or a copy */
	uint64_t sp; /* where it starts */
	uint32_t bytes, flags; /* enum stack_flag; bytes is 0 when nothing may be looked at */
};

/* Of the thread's own stack from SP on; empty when SP lies on another one. */
static inline struct view view_of(uint64_t sp)
{
	struct view view = {.words = (const uint64_t *)sp, .sp = sp};
	uintptr_t top = stack_reach(sp);

	if (top == 0)
		return view;
	if (top - sp < STACK_BYTES_MAX) {
		view.bytes = (uint32_t)(top - sp) & ~7u;
	} else {
		view.bytes = STACK_BYTES_MAX;
		view.flags = STACK_TRUNCATED;
	}
	return view;
}

/* Of a stack that we know nothing about: it may end, or be unmapped, anywhere. COPY has STACK_WORDS_MAX words. */
struct view view_copied(uint64_t sp, uint64_t *copy);

/* Of the stack that a handler on another one interrupted, from START on. The same start gives the same part of a stack
 * that has not changed. */
struct view view_interrupted(uint64_t start, uint64_t *copy);

#endif
