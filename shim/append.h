// SPDX-License-Identifier: MIT
// shim: the writing side of the event log: begun before the real call, done after it.
#ifndef SHMCHECK_SHIM_APPEND_H
#define SHMCHECK_SHIM_APPEND_H

#include "shim/arch.h"
#include "shim/shim.h"

/* An event under way. */
struct entry {
	struct record *record; /* NULL: no block was free: counted as lost */
	uint32_t serial; /* whose record it is: a fork in between makes it somebody else's */
};

/* Takes a record and fills in who and when. The caller adds the arguments, then publishes it. */
struct entry append_take(unsigned event, uint32_t flags);

/* A record for whom the short way is barred: the block is full, the thread is not known yet, or it is a child on our
 * memory. Tells who that is. */
struct record *append_slow(pid_t *ret_pid, pid_t *ret_tid);

enum { SLOT_INDEX_BITS = 32, CACHE_LINE = 64 };

/* The next record of this thread's block; NULL: by append_slow. */
static ALWAYS_INLINE struct record *append_next(struct thread *thread)
{
	if (UNLIKELY(thread->tid == 0 || thread->serial != shim_identity.serial))
		return NULL;
	uint64_t seen = arch_fetch_add(&thread->slot, 1);
	uint64_t block = seen >> SLOT_INDEX_BITS, index = seen & UINT32_MAX;
	if (UNLIKELY(block == 0 || index >= BLOCK_RECORDS))
		return NULL;
	return &session_blocks(shim_session)[block - 1].records[index];
}

/* append_take for the call path. */
static ALWAYS_INLINE struct entry append_take_inline(unsigned event, uint32_t flags)
{
	struct thread *thread = &shim_thread;
	pid_t pid = thread->pid, tid = thread->tid;
	struct record *record = append_next(thread);
	if (UNLIKELY(!record))
		record = append_slow(&pid, &tid);
	struct entry entry = {record, shim_identity.serial};
	if (UNLIKELY(!record))
		return entry;
	/* The harness was the last to have the next record's lines: they come while the kernel works. */
	__builtin_prefetch(record + 1, 1);
	__builtin_prefetch((const char *)(record + 1) + CACHE_LINE, 1);
	record->event = (uint16_t)event;
	record->flags =
	    (uint16_t)(flags | (shim_identity.is_elsewhere || thread->is_elsewhere ? RECORD_ELSEWHERE : 0));
	record->begin_ns = shim_now(true);
	record->end_ns = 0;
	record->process = shim_identity.serial;
	record->image = shim_identity.image;
	record->pid = pid;
	record->tid = tid;
	record->args[0] = record->args[1] = record->args[2] = record->args[3] = 0;
	record->result = 0;
	record->error = 0;
	record->rule = record->stack = record->text = 0;
	record->detail[0] = record->detail[1] = record->detail[2] = record->detail[3] = 0;
	return entry;
}

/* The arguments stand: whoever reads the log now knows that the call began. */
static inline void append_begin(const struct entry *entry)
{
	if (LIKELY(entry->record))
		__atomic_store_n(&entry->record->state, RECORD_BEGUN, __ATOMIC_RELEASE);
}

/* append_result after a fork. */
struct record *append_result_in_child(struct entry *entry);

/* The record to put the result into after the real call; NULL when there is none. In a child that a signal
 * handler forked meanwhile it is a new one. */
static inline struct record *append_result(struct entry *entry)
{
	bool is_child = __atomic_load_n(shim_alive, __ATOMIC_RELAXED) == 0;
	if (UNLIKELY(is_child || entry->serial != shim_identity.serial))
		return append_result_in_child(entry);
	return entry->record;
}

/* The result stands. An event that changed nothing, only saw something, may be stamped EARLY, by what the processor runs
 * ahead: that is less than another's change takes from its begin to its effect, so that no order is turned round. */
static inline void append_end(struct record *record, bool early)
{
	record->end_ns = shim_now(early);
	__atomic_store_n(&record->state, RECORD_DONE, __ATOMIC_RELEASE);
}

static inline void append_done(struct record *record)
{
	append_end(record, false);
}

#endif
