// SPDX-License-Identifier: MIT
// shim: the one shape of every watched call: decide, begin, call or fail, record, return.
#ifndef SHMCHECK_SHIM_WATCH_H
#define SHMCHECK_SHIM_WATCH_H

#include "shim/append.h"
#include "shim/book.h"
#include "shim/capture.h"
#include "shim/inject.h"
#include "shim/order.h"

#include <stdbool.h>
#include <stdint.h>

/* A call under way; on the wrapper's stack. */
struct watch {
	struct entry entry;
	struct plan *plan; /* NULL: no rule concerns this call */
	struct plan_call call;
	struct inject inject;
	struct book_origin origin;
	uint64_t args[4];
	struct order_ticket order;
	int *error; /* this thread's errno: to ask for it costs a call each time */
	bool only_looks; /* the call changes nothing */
	int errno_before; /* what a successful call leaves */
};

/* Whether a call's stack is wanted. */
static inline bool watch_wants_stack(unsigned call)
{
	uint32_t stacks = shim_session->stacks;
	return stacks == STACKS_ALL || (stacks == STACKS_CREATE && call == CALL_SHMGET);
}

/* Sets what must be set before watch_begin. The rest is left as it is: zeroing it all would take as long as the record. */
static inline void watch_prepare(struct watch *watch, uint64_t a, uint64_t b, uint64_t c)
{
	watch->args[0] = a;
	watch->args[1] = b;
	watch->args[2] = c;
	watch->args[3] = 0;
	watch->order.count = 0;
	watch->only_looks = false;
}

/* Decides about CALL, whose arguments watch_prepare put down, and begins its record. REGISTERS are the wrapper's
 * (ARCH_CAPTURE): who called it. */
void watch_begin(struct watch *watch, unsigned call, uint32_t flags, const struct registers *registers);

/* Whether the real call is to be made. */
static inline bool watch_makes_call(const struct watch *watch)
{
	return !watch->plan || inject_makes_call(&watch->inject);
}

/* Whether a rule gives the call a result that is not the kernel's. */
static inline bool watch_forges(const struct watch *watch)
{
	return watch->plan && (watch->inject.decision.result == RESULT_ERROR ||
			       watch->inject.decision.result == RESULT_VALUE);
}

/* Takes the real call's RESULT (-1: it failed, errno says why) and returns the call's: errno is set for it. DETAIL
 * adds what only a finished call can tell (NULL: nothing). */
typedef void watch_detail(const struct watch *watch, struct record *record);
int64_t watch_end(struct watch *watch, int64_t result, watch_detail *detail);

#endif
