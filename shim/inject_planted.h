// SPDX-License-Identifier: MIT
// shim: what a world= does in somebody's place: in the log, and in the plan for the harness.
#ifndef SHMCHECK_SHIM_INJECT_PLANTED_H
#define SHMCHECK_SHIM_INJECT_PLANTED_H

#include "shim/append.h"
#include "shim/inject.h"

/* What we do is in the log before it is done: a kill in between leaves the word to the kernel. */
struct entry begin_planted(unsigned event, const struct inject *inject, long a, uint64_t b, long c);

/* RESULT is the system call's own: -errno for failure. */
void end_planted(struct entry *entry, long result);

/* Where the harness finds what is to be removed at the end; NULL: no place is left. */
struct plan_planted *planted_place(struct plan *plan, long key);

/* The segment is there as ID, or (negative) it is not. */
void planted_is(struct plan_planted *planted, long id);

#endif
