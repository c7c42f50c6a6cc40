// SPDX-License-Identifier: MIT
// shim: keeps the order that a scenario forces: waits before a point, lets others go behind it.
#ifndef SHMCHECK_SHIM_ORDER_H
#define SHMCHECK_SHIM_ORDER_H

#include "shim/shim.h"

#include <stdint.h>

enum { ORDER_TICKET = 2 }; /* a call may be counted as shmctl and as shmctl.RMID */

/* The points that an event has come to; on its function's stack. All zeroes: none. */
struct order_ticket {
	uint16_t points[ORDER_TICKET];
	uint16_t count;
};

/* Whether an order is forced at all. */
static inline bool order_is_used(void)
{
	return shim_session->order_offset != 0;
}

/* A process has its role from now on. */
void order_enter(void);

/* The event is about to begin: counts it, and waits until its points may be. ARGS (a call's) and NAME (of a marked
 * point) may be NULL for other events. Async-signal-safe; errno stays. */
void order_reach(struct order_ticket *ticket, unsigned event, const uint64_t *args, const char *name);

/* The event is over and recorded: whoever waits for it may go on. */
void order_pass(const struct order_ticket *ticket);

#endif
