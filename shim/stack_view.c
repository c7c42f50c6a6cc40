// SPDX-License-Identifier: MIT
// shim: the part of a stack that is looked at.
#include "shim/stack_view.h"

#include <string.h>

enum { PAGE = 4096 };

struct view view_copied(uint64_t sp, uint64_t *copy)
{
	struct view view = {.words = copy, .sp = sp, .flags = STACK_SIGNAL};

	view.bytes = stack_copy(copy, sp, STACK_BYTES_MAX) & ~7u;
	if (view.bytes == STACK_BYTES_MAX)
		view.flags |= STACK_TRUNCATED;
	return view;
}

/* A stack that overflowed begins up to a page further up than its stack pointer says; what is missing reads as 0. */
struct view view_interrupted(uint64_t start, uint64_t *copy)
{
	struct view view = {0};
	uint32_t missing = PAGE - (uint32_t)(start % PAGE), rest;

	if (start % 8 != 0)
		return view;
	if (!reach_by_copy)
		view = view_of(start);
	if (view.bytes == 0)
		view = view_copied(start, copy);
	if (view.bytes != 0)
		return view;
	memset(copy, 0, missing);
	rest = stack_copy(copy + missing / 8, start + missing, STACK_BYTES_MAX - missing) & ~7u;
	if (rest != 0)
		view.bytes = missing + rest;
	return view;
}
