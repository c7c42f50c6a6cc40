// SPDX-License-Identifier: MIT
// shim: room in the session, which the harness makes: it frees blocks, and gives more memory.
#include "shim/room.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

void room_ask(struct session *session)
{
	__atomic_fetch_add(&session->wake_seq, 1, __ATOMIC_RELEASE);
	raw_syscall(SYS_futex, (long)&session->wake_seq, FUTEX_WAKE, INT32_MAX, 0, 0, 0);
}

enum { SLICE_NS = 100000000, MOST = 10 /* times wait_ms, when others get the room all the time */ };

/* How long a call has waited. */
struct patience {
	uint32_t seen; /* free_seq: whether room was made */
	uint64_t last, idle,
	    total; /* in ns: when it was looked at, and waited since room was made, and in all */
};

/* Looks at the clock and at free_seq. Who was stopped meanwhile has not waited all that time, and where room is made the
 * harness lives, though others may get it. */
static void look(struct patience *patience, const struct session *session)
{
	uint32_t seen = __atomic_load_n(&session->free_seq, __ATOMIC_ACQUIRE);
	uint64_t now = shim_monotonic(), spent = now - patience->last;
	if (spent > SLICE_NS)
		spent = SLICE_NS;
	patience->last = now;
	patience->total += spent;
	patience->idle = seen == patience->seen ? patience->idle + spent : 0;
	patience->seen = seen;
}

static void sleep_slice(struct session *session, uint32_t seen)
{
	struct timespec slice = {0, SLICE_NS};
	__atomic_fetch_add(&session->waiters, 1, __ATOMIC_SEQ_CST);
	room_ask(session);
	raw_syscall(SYS_futex, (long)&session->free_seq, FUTEX_WAIT, seen, (long)&slice, 0, 0);
	__atomic_fetch_sub(&session->waiters, 1, __ATOMIC_RELAXED);
}

bool room_wait(struct session *session, bool (*attempt)(void *context), void *context)
{
	uint64_t most = (uint64_t)session->wait_ms * 1000000;
	struct patience patience = {.last = shim_monotonic()};
	while (!__atomic_load_n(&session->gone, __ATOMIC_RELAXED)) {
		look(&patience, session);
		if (attempt(context))
			return true;
		if (patience.idle >= most)
			__atomic_store_n(&session->gone, 1, __ATOMIC_RELAXED);
		if (patience.idle >= most || patience.total >= most * MOST)
			break;
		sleep_slice(session, patience.seen);
	}
	return false;
}

/* An entry that is to find room. */
struct wish {
	struct arena *arena;
	enum arena_kind kind;
	const void *data;
	uint32_t length, ref;
};

static bool may_grow(const struct arena *arena)
{
	return __atomic_load_n(&arena->size, __ATOMIC_RELAXED) <
	       __atomic_load_n(&shim_session->arena_room, __ATOMIC_RELAXED);
}

/* Also when it is no use to wait. */
static bool try_intern(void *context)
{
	struct wish *wish = context;
	wish->ref = arena_try_intern(wish->arena, wish->kind, wish->data, wish->length);
	return wish->ref || arena_has_room(wish->arena, wish->length) || !may_grow(wish->arena);
}

uint32_t room_intern(struct arena *arena, enum arena_kind kind, const void *data, uint32_t length)
{
	struct wish wish = {arena, kind, data, length, 0};
	if (!may_grow(arena))
		return arena_intern(arena, kind, data, length);
	if (!try_intern(&wish))
		room_wait(shim_session, try_intern, &wish);
	if (!wish.ref)
		return arena_intern(arena, kind, data, length); /* and counts it, if it must */
	if (__atomic_load_n(&arena->used, __ATOMIC_RELAXED) >
	    __atomic_load_n(&arena->size, __ATOMIC_RELAXED) / 2)
		room_ask(shim_session);
	return wish.ref;
}
