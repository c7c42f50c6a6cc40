// SPDX-License-Identifier: MIT
// analysis: walks a sparse copy of a stack by the call frame information of its modules (libdwfl).
#ifndef SHMCHECK_HARNESS_ANALYZE_UNWIND_H
#define SHMCHECK_HARNESS_ANALYZE_UNWIND_H

#include "protocol/arena.h"

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that code was loaded from. Every file is opened once, whatever the addresses were in each process: it has a
 * home in the unwinder's own address space, to which the addresses of a copy are moved before the walk. */
struct object {
	Dwfl_Module *module; /* NULL: the file cannot be used, see trouble */
	uint64_t home; /* its load bias there */
	char *path;
	char *build_id; /* hex; NULL: none */
	const char *trouble; /* NULL, or why module is */
	struct symbols *symbols; /* made by the first that needs it; freed with the object */
};

struct raw_frame {
	uint64_t pc; /* in the process; inside the call for callers */
	uint64_t offset; /* pc - load bias; pc itself without a module */
	uint32_t module; /* arena ref; 0: none */
	struct object *object; /* NULL without a module */
	bool is_signal; /* the kernel's way back from a signal handler */
};

struct raw_stack {
	struct raw_frame *frames; /* owned by the unwinder, valid until the next walk */
	size_t count;
	bool complete, truncated; /* as in struct stack */
};

struct unwinder;

/* NULL when memory is short. */
struct unwinder *unwinder_new(const struct arena *arena, uint64_t size);

/* The run ended at that time (seconds since the epoch; 0, the default: unknown): a file without a build-id that was changed
 * after it is not what the stacks are of. */
void unwinder_ended(struct unwinder *unwinder, int64_t seconds);

/* Walks the stack behind REF. Returns 0, or -ENOENT when REF is no stack (or a damaged one) or memory is short. */
int unwinder_walk(struct unwinder *unwinder, uint32_t ref, struct raw_stack *ret_stack);

/* Works on ARENA from now on; what is known of files stays. */
void unwinder_renew(struct unwinder *unwinder, const struct arena *arena, uint64_t size);

void unwinder_free(struct unwinder *unwinder);

#endif
