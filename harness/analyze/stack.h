// SPDX-License-Identifier: MIT
// analysis: raw stacks from the arena become frames, and frames get names (elfutils' libdw).
#ifndef SHMCHECK_HARNESS_ANALYZE_STACK_H
#define SHMCHECK_HARNESS_ANALYZE_STACK_H

#include "protocol/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place in code, equal from run to run: (build-id, offset). Names are filled in by symbols. */
struct frame {
	uint64_t pc; /* as unwound: minus 1 for callers, so that it lies inside the call */
	uint64_t offset; /* pc - load bias of the module; pc itself when there is no module */
	uint32_t module; /* arena ref; 0: none (JIT, vDSO, unloaded) */
	bool inlined; /* a virtual frame inside the next one */
	bool is_signal; /* the kernel's way back from a signal handler */
	const char *function; /* demangled; NULL: unknown; owned by the stacks */
	const char *file; /* NULL: no debug information */
	int line; /* 0: unknown */
	const char *object; /* path of the module; NULL */
	const char *build_id; /* hex; NULL: none */
	const char
	    *trouble; /* why there are no names: the file is gone, or was rebuilt since; NULL: nothing */
};

struct stack {
	struct frame *frames; /* innermost first; frames of libshmcheck itself are cut */
	size_t count;
	bool complete; /* reached the outermost frame; else: the reason is one of the next */
	bool truncated; /* the copy ended first */
};

struct stacks;

/* Which frames get names. Identities are the same with any of them. */
enum stack_names {
	STACK_NAMES_NONE, /* no debug information is read */
	STACK_NAMES_CALLERS, /* all but the C library's outermost, which are how it starts any program or thread */
	STACK_NAMES_ALL,
};

/* Works on ARENA (SIZE bytes), which must outlive it. Opens modules when they are first needed. NULL: no memory. */
struct stacks *stacks_new(const struct arena *arena, uint64_t size, enum stack_names names);

/* When the run ended, as of unwinder_ended. */
void stacks_ended(struct stacks *stacks, int64_t seconds);

/* Works on ARENA from now on, another run's: the stacks that it gave are gone, the names in their frames, and the files
 * that it has opened, stay. */
void stacks_renew(struct stacks *stacks, const struct arena *arena, uint64_t size);

/* The stack behind REF, unwound and named once, then kept; NULL when REF is no stack. Owned by STACKS. */
const struct stack *stacks_get(struct stacks *stacks, uint32_t ref);

/* A hash of the (build-id, offset) list: the stack's identity from run to run. 0 for NULL. */
uint64_t stack_identity(const struct stack *stack);

void stacks_free(struct stacks *stacks);

#endif
