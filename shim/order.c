// SPDX-License-Identifier: MIT
// shim: keeps the order that a scenario forces: waits before a point, lets others go behind it.
#include "shim/order.h"

#include "include/shmcheck.h"
#include "protocol/order.h"
#include "shim/append.h"
#include "shim/room.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

enum { HEARTBEAT_S = 2 };

/* The places of our role; worked out again when the identity changes. Whoever does it meanwhile finds the same. */
struct mine {
	uint32_t serial; /* atomic: whose they are */
	uint32_t count;
	uint16_t places[ORDER_MINE];
};

static const struct mine *find_mine(const struct order *order)
{
	static struct mine mine;
	uint32_t count = 0;
	if (__atomic_load_n(&mine.serial, __ATOMIC_ACQUIRE) == shim_identity.serial)
		return &mine;
	for (uint32_t i = 0; i < order->place_count && count < ORDER_MINE; i++)
		if (strcmp(order->places[i].role, shim_identity.role) == 0)
			mine.places[count++] = (uint16_t)i;
	mine.count = count;
	__atomic_store_n(&mine.serial, shim_identity.serial, __ATOMIC_RELEASE);
	return &mine;
}

static void tell_harness(struct order *order)
{
	__atomic_fetch_add(&order->events, 1, __ATOMIC_RELEASE);
	raw_syscall(SYS_futex, (long)&order->events, FUTEX_WAKE, 1, 0, 0, 0);
}

void order_enter(void)
{
	struct order *order = session_order(shim_session);
	const struct mine *mine = find_mine(order);
	for (uint32_t i = 0; i < mine->count; i++)
		__atomic_store_n(&order->places[mine->places[i]].pid, shim_identity.pid, __ATOMIC_RELEASE);
	if (mine->count)
		tell_harness(order);
}

/* Puts down who waits where, for the harness; NULL: all the room is taken, and it must do without. */
static struct order_waiter *put_down(struct order *order, uint32_t point, uint32_t awaited)
{
	uint64_t mine = (uint64_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0) << 32 |
			(uint32_t)raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
	for (uint32_t i = 0; i < ORDER_WAITERS; i++) {
		struct order_waiter *waiter = &order->waiters[i];
		uint64_t nobody = 0;
		if (__atomic_load_n(&waiter->owner, __ATOMIC_RELAXED) != 0 ||
		    !__atomic_compare_exchange_n(&waiter->owner, &nobody, 1, false, __ATOMIC_ACQUIRE,
						 __ATOMIC_RELAXED))
			continue;
		waiter->point = point;
		waiter->awaited = awaited;
		__atomic_store_n(&waiter->owner, mine, __ATOMIC_SEQ_CST);
		return waiter;
	}
	return NULL;
}

static bool is_passed(const struct order *order, uint32_t point)
{
	return __atomic_load_n(&order->points[point].passed, __ATOMIC_ACQUIRE) != ORDER_AHEAD;
}

/* Whoever waits is woken by who passes the point. The time is for one case alone: a harness that was killed opens
 * nothing any more, and the program is not to hang for it. */
static void sleep_until_passed(struct order *order, uint32_t index)
{
	struct order_point *point = &order->points[index];
	const struct timespec heartbeat = {HEARTBEAT_S, 0};
	__atomic_fetch_add(&point->sleepers, 1, __ATOMIC_SEQ_CST);
	while (!is_passed(order, index)) {
		long woken = raw_syscall(SYS_futex, (long)&point->passed, FUTEX_WAIT, ORDER_AHEAD,
					 (long)&heartbeat, 0, 0);
		if (woken == -ETIMEDOUT && !shim_identity.is_foreign &&
		    raw_syscall(SYS_kill, order->harness, 0, 0, 0, 0, 0) == -ESRCH)
			break;
	}
	__atomic_fetch_sub(&point->sleepers, 1, __ATOMIC_RELAXED);
}

/* The first that waits calls the harness; while it watches, the others need not. */
static void call_watch(struct order *order)
{
	uint32_t nobody = 0;
	if (__atomic_load_n(&order->watched, __ATOMIC_SEQ_CST) == 0 &&
	    __atomic_compare_exchange_n(&order->watched, &nobody, 1, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST))
		tell_harness(order);
}

static void wait_for(struct order *order, uint32_t index, struct order_links links)
{
	for (uint32_t i = 0; i < links.count; i++) {
		uint32_t awaited = order->links[links.first + i];
		if (is_passed(order, awaited))
			continue;
		struct order_waiter *waiter = put_down(order, index, awaited);
		call_watch(order);
		sleep_until_passed(order, awaited);
		if (waiter)
			__atomic_store_n(&waiter->owner, 0, __ATOMIC_RELEASE);
	}
}

static void reach(struct order *order, uint32_t index)
{
	struct order_point *point = &order->points[index];
	wait_for(order, index, point->waits);
	__atomic_store_n(&point->reached, 1, __ATOMIC_RELEASE);
	if (!point->begins.count)
		return;
	tell_harness(order);
	wait_for(order, index, point->begins);
}

void order_reach(struct order_ticket *ticket, unsigned event, const uint64_t *args, const char *name)
{
	struct order *order = session_order(shim_session);
	const struct mine *mine = find_mine(order);
	int command = event == CALL_SHMCTL ? (int)args[1] : 0;
	for (uint32_t i = 0; i < mine->count; i++) {
		struct order_place *place = &order->places[mine->places[i]];
		if (!order_place_counts(place, event, command, name))
			continue;
		uint32_t n = __atomic_add_fetch(&place->count, 1, __ATOMIC_RELAXED);
		int point = order_point_find(order, mine->places[i], n);
		if (point >= 0 && ticket->count < ORDER_TICKET)
			ticket->points[ticket->count++] = (uint16_t)point;
	}
	for (uint32_t i = 0; i < ticket->count; i++)
		reach(order, ticket->points[i]);
}

static void pass(struct order *order, uint32_t index)
{
	struct order_point *point = &order->points[index];
	__atomic_store_n(&point->passed, ORDER_PASSED, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&point->sleepers, __ATOMIC_SEQ_CST))
		raw_syscall(SYS_futex, (long)&point->passed, FUTEX_WAKE, INT32_MAX, 0, 0, 0);
	if (point->tells)
		tell_harness(order);
	wait_for(order, index, point->ends);
}

void order_pass(const struct order_ticket *ticket)
{
	for (uint32_t i = 0; i < ticket->count; i++)
		pass(session_order(shim_session), ticket->points[i]);
}

/* In shmcheck.h: a place that the program names. */
EXPORT void shmcheck_point(const char *name)
{
	struct order_ticket ticket = {0};
	if (!name || !shim_is_active())
		return;
	if (UNLIKELY(order_is_used()))
		order_reach(&ticket, EVENT_POINT, NULL, name);
	struct entry entry = append_take(EVENT_POINT, 0);
	if (entry.record) {
		entry.record->text =
		    room_intern(session_arena(shim_session), ARENA_STRING, name, (uint32_t)strlen(name));
		append_begin(&entry);
		append_done(entry.record);
	}
	if (UNLIKELY(ticket.count))
		order_pass(&ticket);
}
