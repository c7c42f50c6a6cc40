// SPDX-License-Identifier: MIT
// analysis: the files behind a stack's modules, each opened once.
#ifndef SHMCHECK_HARNESS_ANALYZE_UNWIND_OBJECT_H
#define SHMCHECK_HARNESS_ANALYZE_UNWIND_OBJECT_H

#include "unwind.h"

/* An address space of the unwinder. A program that is not position-independent can only be at its own
 * addresses, so each such program has a space of its own; all others share one. */
struct space {
	Dwfl *dwfl;
	char *fixed; /* identity of the program that is not position-independent; NULL: none */
	void *objects; /* tree (tsearch) of struct object, by identity */
	uint64_t next_home;
	bool attached; /* dwfl_attach_state was done */
};

/* The space for FIXED (NULL: none), which may be NULL where memory is short. SPACES is a growing array. */
struct space *space_find(struct space ***spaces, size_t *count, const struct module_entry *fixed);

/* The object that ENTRY is about, opened when it is new; NULL when memory is short. ENDED: as of unwinder_ended. */
struct object *space_object(struct space *space, const struct module_entry *entry, int64_t ended);

void space_free(struct space *space);

#endif
