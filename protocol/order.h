// SPDX-License-Identifier: MIT
// protocol: the order that a scenario forces on its processes: points, who waits for which, and who waits now.
#ifndef SHMCHECK_PROTOCOL_ORDER_H
#define SHMCHECK_PROTOCOL_ORDER_H

#include "protocol/session.h"

#include <stdint.h>

enum { ORDER_PLACES = 256, ORDER_POINTS = 512, ORDER_LINKS = 2048, ORDER_WAITERS = 64, ORDER_NAME = 48 };
enum { ORDER_MINE = 32 }; /* places of one role */
#define ORDER_NOWHERE UINT32_MAX

/* Whether a point has been passed; OPENED: nobody needs to wait for it any more though it has not. */
enum order_passed { ORDER_AHEAD, ORDER_PASSED, ORDER_OPENED };

/* What is counted: events of one kind in one role. */
struct order_place {
	char role[ROLE_MAX]; /* exactly */
	char name[ORDER_NAME]; /* of EVENT_POINT; else "" */
	uint32_t event; /* a call, EVENT_POINT, EVENT_START or EVENT_EXIT */
	uint32_t command; /* of shmctl: its row in shmctl_rows() + 1; 0: any */
	uint32_t count; /* atomic: how many came so far */
	int32_t pid; /* atomic: of the process that has the role; 0: it has not started */
};

/* Some of order.links: indices of points. */
struct order_links {
	uint32_t first, count;
};

/* The N-th event at a place, or (place NOWHERE) a deed of the harness. A process that comes to it waits for `waits`,
 * is there, waits for the deeds in `begins`, does what it came for, has passed it, waits for the deeds in `ends`. */
struct order_point {
	uint32_t place;
	uint32_t n; /* from 1 */
	struct order_links waits, begins, ends;
	uint32_t tells; /* the harness waits for it */
	uint32_t reached; /* atomic, 0 or 1: nothing is waited for any more but the deeds */
	uint32_t passed; /* atomic, futex; enum order_passed */
	uint32_t sleepers; /* atomic: threads asleep on it */
};

/* A thread that waits. */
struct order_waiter {
	uint64_t owner; /* atomic: pid << 32 | tid; 0: free */
	uint32_t point; /* where */
	uint32_t awaited; /* for which */
};

/* No pointers: it lies in the session, mapped anywhere. Never changes but for the words that are called atomic. */
struct order {
	uint32_t place_count, point_count, link_count;
	int32_t harness; /* its pid: when it is gone nobody waits */
	uint32_t events; /* atomic, futex: counts what the harness should look at */
	uint32_t watched; /* atomic: the harness knows that somebody waits, and looks from time to time */
	struct order_waiter waiters[ORDER_WAITERS];
	struct order_place places[ORDER_PLACES];
	struct order_point points[ORDER_POINTS];
	uint16_t links[ORDER_LINKS];
};

static inline struct order *session_order(struct session *session)
{
	return (struct order *)((char *)session + session->order_offset);
}

/* Whether PLACE counts an event of that kind (COMMAND of shmctl, NAME of a point) in a process of its role. */
int order_place_counts(const struct order_place *place, unsigned event, int command, const char *name);

/* The point at the N-th event of PLACE (an index); -1: there is none. */
int order_point_find(const struct order *order, uint32_t place, uint32_t n);

#endif
