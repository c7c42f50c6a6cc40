// SPDX-License-Identifier: MIT
// shim: the writing side of the event log: begun before the real call, done after it.
#include "shim/append.h"

#include "shim/room.h"

#include <string.h>
#include <sys/syscall.h>

enum { GUEST_INDEX_BITS = 8 };

/* Owner words name the thread, so that the harness can tell whether it lives. */
static uint64_t owner_word(pid_t pid, pid_t tid)
{
	return (uint64_t)(uint32_t)pid << 32 | (uint32_t)tid | (shim_identity.is_foreign ? OWNER_FOREIGN : 0);
}

/* One round over all blocks; -1 when none is free. */
static int64_t find_block(struct session *session, uint64_t mine)
{
	struct block_owner *owners = session_owners(session);
	uint32_t count = __atomic_load_n(&session->block_count, __ATOMIC_ACQUIRE);
	uint32_t from = __atomic_fetch_add(&session->block_hint, 1, __ATOMIC_RELAXED);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t index = (from + i) % count;
		uint64_t nobody = 0;
		if (__atomic_load_n(&owners[index].owner, __ATOMIC_RELAXED) == 0 &&
		    __atomic_compare_exchange_n(&owners[index].owner, &nobody, mine, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return index;
	}
	return -1;
}

struct search {
	uint64_t mine;
	int64_t found;
};

static bool try_block(void *context)
{
	struct search *search = context;
	search->found = find_block(shim_session, search->mine);
	return search->found >= 0;
}

/* Waits until a block is free, for as long as the session allows; -1: lost. */
static int64_t wait_block(struct session *session, uint64_t mine)
{
	struct search search = {mine, -1};
	if (!room_wait(session, try_block, &search))
		__atomic_fetch_add(&session->lost, 1, __ATOMIC_RELAXED);
	return search.found;
}

static int64_t acquire_block(struct session *session, pid_t pid, pid_t tid)
{
	uint64_t mine = owner_word(pid, tid);
	/* nobody ever frees one: no need to look through them all again */
	bool is_full = !session->wait_ms && __atomic_load_n(&session->gone, __ATOMIC_RELAXED);
	int64_t block = is_full ? -1 : find_block(session, mine);
	if (block < 0)
		block = wait_block(session, mine);
	if (block < 0)
		return -1;
	uint32_t taken = __atomic_add_fetch(&session->taken, 1, __ATOMIC_RELAXED);
	if (taken > __atomic_load_n(&session->block_count, __ATOMIC_RELAXED) / 2)
		room_ask(session);
	return block;
}

static void give_back(struct session *session, int64_t block)
{
	__atomic_store_n(&session_owners(session)[block].owner, 0, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&session->taken, 1, __ATOMIC_RELAXED);
}

/* A new block for this thread, unless a signal handler has just installed one. */
static struct record *take_from_new_block(struct session *session, pid_t pid, pid_t tid)
{
	for (;;) {
		uint64_t seen = __atomic_load_n(&shim_thread.slot, __ATOMIC_RELAXED);
		uint64_t index = seen & UINT32_MAX;
		if (seen >> SLOT_INDEX_BITS && index < BLOCK_RECORDS) {
			seen = arch_fetch_add(&shim_thread.slot, 1);
			index = seen & UINT32_MAX;
			if (seen >> SLOT_INDEX_BITS && index < BLOCK_RECORDS)
				return &session_blocks(session)[(seen >> SLOT_INDEX_BITS) - 1].records[index];
			continue;
		}
		int64_t block = acquire_block(session, pid, tid);
		if (block < 0) {
			__atomic_store_n(&shim_thread.slot, 0, __ATOMIC_RELAXED);
			return NULL;
		}
		uint64_t fresh = (uint64_t)(block + 1) << SLOT_INDEX_BITS | 1;
		if (arch_compare_exchange(&shim_thread.slot, seen, fresh))
			return &session_blocks(session)[block].records[0];
		give_back(session, block);
	}
}

/* A record for a child that runs on its parent's memory, a vfork child: in a block of its own, which goes back when
 * that child has died or become another program. Its parent's own block never goes with it. */
static struct record *take_as_guest(struct session *session, pid_t pid, pid_t tid)
{
	uint64_t *guest = &shim_thread.guest, mine = owner_word(pid, tid);
	for (;;) {
		uint64_t seen = __atomic_load_n(guest, __ATOMIC_RELAXED);
		uint32_t index = seen & UINT8_MAX;
		int64_t block = (int64_t)((uint32_t)seen >> GUEST_INDEX_BITS) - 1;
		bool has_room =
		    seen >> 32 == (uint32_t)pid && block >= 0 && index < BLOCK_RECORDS &&
		    __atomic_load_n(&session_owners(session)[block].owner, __ATOMIC_RELAXED) == mine;
		if (!has_room) {
			block = acquire_block(session, pid, tid);
			index = 0;
		}
		if (block < 0)
			return NULL;
		uint64_t next =
		    (uint64_t)(uint32_t)pid << 32 | (uint64_t)(block + 1) << GUEST_INDEX_BITS | (index + 1);
		if (__atomic_compare_exchange_n(guest, &seen, next, false, __ATOMIC_RELAXED,
						__ATOMIC_RELAXED))
			return &session_blocks(session)[block].records[index];
		if (!has_room)
			give_back(session, block);
	}
}

/* Who calls: cached by thread, unless others may run on this memory. Returns whether we are such a one, a guest. */
static bool find_ids(pid_t *ret_pid, pid_t *ret_tid)
{
	struct thread *thread = &shim_thread;
	*ret_pid = (pid_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	*ret_tid = (pid_t)raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
	if (*ret_pid != shim_identity.pid)
		return true;
	if (thread->serial != shim_identity.serial)
		thread->slot = 0; /* the parent's block, copied by fork */
	thread->serial = shim_identity.serial;
	thread->pid = *ret_pid;
	thread->tid = thread->is_shared ? 0 : *ret_tid;
	return false;
}

struct record *append_slow(pid_t *ret_pid, pid_t *ret_tid)
{
	struct session *session = shim_session;
	struct thread *thread = &shim_thread;
	if (thread->tid != 0 && thread->serial == shim_identity.serial) {
		*ret_pid = thread->pid;
		*ret_tid = thread->tid;
		return take_from_new_block(session, thread->pid, thread->tid);
	}
	bool is_guest = find_ids(ret_pid, ret_tid);
	return is_guest ? take_as_guest(session, *ret_pid, *ret_tid)
			: take_from_new_block(session, *ret_pid, *ret_tid);
}

struct entry append_take(unsigned event, uint32_t flags)
{
	return append_take_inline(event, flags);
}

/* In the child of a fork that happened during the call: the record is the parent's, ours is to be made. */
static struct record *record_again(struct entry *entry)
{
	struct record copy = *entry->record;
	*entry = append_take(copy.event, copy.flags);
	if (entry->record) {
		entry->record->begin_ns = copy.begin_ns;
		memcpy(entry->record->args, copy.args, sizeof copy.args);
		entry->record->rule = copy.rule;
		entry->record->stack = copy.stack;
		entry->record->text = copy.text;
		memcpy(entry->record->detail, copy.detail, sizeof copy.detail);
		append_begin(entry);
	}
	return entry->record;
}

struct record *append_result_in_child(struct entry *entry)
{
	if (__atomic_load_n(shim_alive, __ATOMIC_RELAXED) == 0)
		shim_enter_child();
	return entry->record && entry->serial != shim_identity.serial ? record_again(entry) : entry->record;
}
