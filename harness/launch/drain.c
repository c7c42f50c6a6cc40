// SPDX-License-Identifier: MIT
// launch: the reading side of the event log: a thread that empties blocks while the program runs.
#include "drain.h"

#include "harness/clock.h"
#include "tree.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IDLE_MS = 100, BUFFER_MOST = 1 << 20 };

/* A call begun so long ago: is its thread dead? And so long that it no longer holds up what came after it: stopped, or
 * left by siglongjmp. */
enum { SUSPECT_NS = 20000000, STUCK_NS = 1000000000 };

/* What is known of a block; the file's own words can be scribbled at any time. */
struct block_state {
	uint64_t owner; /* when last seen */
	uint64_t taken; /* bit per record: it was taken, under this owner */
	uint64_t begun; /* bit per record: it was seen before its call had ended */
	bool is_suspect; /* a call in it takes long */
};

struct drain {
	struct session_file *file;
	launch_sink *sink;
	void *context;
	pthread_t thread;
	uint32_t stop; /* atomic */
	struct block_state *blocks;
	struct record *buffer; /* taken, not yet handed on */
	size_t count, room;
	uint64_t emitted; /* begin_ns up to which all was handed on */
	uint64_t first; /* of those in the buffer the earliest begin_ns */
	uint64_t scanned; /* when the look at the blocks began that is under way */
	struct inner_pids inner; /* of nested PID namespaces, as of this look */
	struct drain_totals totals;
};

static struct block_owner *owners(const struct drain *drain)
{
	return (struct block_owner *)((char *)drain->file->session + drain->file->owners_offset);
}

static struct block *blocks(const struct drain *drain)
{
	return (struct block *)((char *)drain->file->session + drain->file->blocks_offset);
}

static int by_begin(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

static bool is_sane(const struct record *record)
{
	return record->event < EVENT_COUNT && record->begin_ns &&
	       (record->state == RECORD_BEGUN || record->end_ns >= record->begin_ns);
}

/* Stamps that cannot be are of another time namespace: all that is known of such a call is when we saw it. One that was
 * not to be seen yet when we looked has its effect behind that look. */
static void set_right(const struct drain *drain, struct record *record, bool was_begun)
{
	bool is_done = record->state == RECORD_DONE;
	uint64_t latest = is_done ? record->end_ns : record->begin_ns;
	uint64_t now = latest > drain->scanned ? clock_now_ns() : drain->scanned;
	if (latest > now || (is_done && latest < drain->emitted && !was_begun)) {
		record->begin_ns = drain->emitted ? drain->emitted : 1;
		record->end_ns = is_done ? now : 0;
	} else if (record->begin_ns < drain->emitted && !was_begun) {
		record->begin_ns = drain->emitted;
	}
}

static void keep(struct drain *drain, const struct record *record, bool was_begun)
{
	if (!is_sane(record)) {
		drain->totals.bad++;
		return;
	}
	if (drain->count == drain->room) {
		size_t room = drain->room ? 2 * drain->room : 4096;
		struct record *more = realloc(drain->buffer, room * sizeof *more);
		if (!more) {
			drain->totals.error = -ENOMEM;
			return;
		}
		drain->buffer = more;
		drain->room = room;
	}
	struct record *kept = &drain->buffer[drain->count++];
	*kept = *record;
	set_right(drain, kept, was_begun);
	drain->first = kept->begin_ns < drain->first ? kept->begin_ns : drain->first;
	drain->totals.events++;
}

/* Hands on what began before WATERMARK; everything when IS_ALL. */
static void emit(struct drain *drain, uint64_t watermark, bool is_all)
{
	size_t count = 0;
	if (watermark > drain->emitted)
		drain->emitted = watermark;
	if (!drain->count || (!is_all && drain->first >= watermark))
		return;
	qsort(drain->buffer, drain->count, sizeof *drain->buffer, by_begin);
	while (count < drain->count && (is_all || drain->buffer[count].begin_ns < watermark))
		count++;
	if (!drain->totals.error)
		drain->totals.error = drain->sink(drain->context, drain->buffer, count);
	drain->count -= count;
	memmove(drain->buffer, drain->buffer + count, drain->count * sizeof *drain->buffer);
	drain->first = drain->count ? drain->buffer[0].begin_ns : UINT64_MAX;
}

/* Takes the finished records of a block; lowers *OLDEST to the begin of one that is under way. */
static void take_done(struct drain *drain, uint32_t index, uint64_t *oldest)
{
	struct block_state *state = &drain->blocks[index];
	struct record *records = blocks(drain)[index].records;
	for (uint64_t left = ~state->taken; left; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		uint32_t at = __atomic_load_n(&records[i].state, __ATOMIC_ACQUIRE);
		if (at == RECORD_FREE)
			continue;
		uint64_t bit = UINT64_C(1) << i;
		if (at == RECORD_BEGUN) {
			uint64_t begin = records[i].begin_ns;
			uint64_t age = begin < drain->scanned ? drain->scanned - begin : 0;
			state->begun |= bit;
			state->is_suspect |= age > SUSPECT_NS;
			if (age <= STUCK_NS)
				*oldest = begin < *oldest ? begin : *oldest;
			continue;
		}
		struct record copy = records[i];
		copy.state = at;
		state->taken |= bit;
		if (at == RECORD_DONE)
			keep(drain, &copy, state->begun & bit);
		else
			drain->totals.bad++;
	}
}

/* Takes the calls that were begun and will never be done: their thread is dead. */
static void take_begun(struct drain *drain, uint32_t index)
{
	struct block_state *state = &drain->blocks[index];
	struct record *records = blocks(drain)[index].records;
	for (unsigned i = 0; i < BLOCK_RECORDS; i++) {
		if (state->taken >> i & 1 ||
		    __atomic_load_n(&records[i].state, __ATOMIC_ACQUIRE) != RECORD_BEGUN)
			continue;
		struct record copy = records[i];
		copy.state = RECORD_BEGUN;
		copy.flags |= RECORD_LIVE;
		copy.end_ns = 0;
		state->taken |= UINT64_C(1) << i;
		keep(drain, &copy, true);
	}
}

static void free_block(struct drain *drain, uint32_t index)
{
	struct record *records = blocks(drain)[index].records;
	for (unsigned i = 0; i < BLOCK_RECORDS; i++)
		__atomic_store_n(&records[i].state, RECORD_FREE, __ATOMIC_RELAXED);
	drain->blocks[index] = (struct block_state){0};
	__atomic_fetch_sub(&drain->file->session->taken, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&owners(drain)[index].owner, 0, __ATOMIC_RELEASE);
}

/* A pid of another namespace says nothing to us: it is dead when nobody at all has it there. Whose parent does not reap it
 * is dead too; that takes longer to see, and is looked at when somebody waits for room. */
static bool is_dead(struct drain *drain, uint64_t owner)
{
	pid_t pid = (pid_t)(owner >> 32), tid = (pid_t)((uint32_t)owner & ~OWNER_FOREIGN);
	if (owner == OWNER_DEAD)
		return true;
	if (owner & OWNER_FOREIGN)
		return tree_is_inner_free(&drain->inner, pid);
	if (syscall(SYS_tgkill, pid, tid, 0))
		return errno == ESRCH;
	return tid == pid && __atomic_load_n(&drain->file->session->waiters, __ATOMIC_RELAXED) &&
	       tree_is_zombie(pid);
}

/* The finished records of every block; returns how many are taken. */
static uint32_t look(struct drain *drain, uint64_t *oldest)
{
	uint32_t taken = 0;
	for (uint32_t i = 0; i < drain->file->ready_blocks; i++) {
		uint64_t owner = __atomic_load_n(&owners(drain)[i].owner, __ATOMIC_ACQUIRE);
		drain->blocks[i].owner = owner;
		drain->blocks[i].is_suspect = false;
		if (!owner)
			continue;
		taken++;
		take_done(drain, i, oldest);
	}
	return taken;
}

/* One look at every block. ALL: the writers are dead or left alone, take everything. Returns whether there is more room
 * for them than before. */
static bool scan(struct drain *drain, bool all)
{
	bool is_roomier = false;
	uint64_t oldest = drain->scanned = clock_now_ns();
	uint32_t taken = look(drain, &oldest), held = 0;
	for (uint32_t i = 0; i < drain->file->ready_blocks; i++) {
		const struct block_state *state = &drain->blocks[i];
		if (!state->owner)
			continue;
		bool is_full = state->taken == UINT64_MAX;
		bool is_asked =
		    state->is_suspect || taken > drain->file->ready_blocks / 2 || state->owner == OWNER_DEAD;
		bool is_over = all || (!is_full && is_asked && is_dead(drain, state->owner));
		held += !is_full && !is_over;
		if (is_over) { /* once more: it may have written between the look and its death */
			take_done(drain, i, &oldest);
			take_begun(drain, i);
		}
		if ((is_full || is_over) && !all) {
			free_block(drain, i);
			is_roomier = true;
		}
	}
	if (!all && session_file_grow(drain->file, taken, held))
		is_roomier = true;
	tree_forget_inner(&drain->inner);
	emit(drain, oldest, all || drain->count > BUFFER_MOST);
	return is_roomier;
}

static void futex(uint32_t *word, int operation, uint32_t value, const struct timespec *time)
{
	syscall(SYS_futex, word, operation, value, time, NULL, 0);
}

static void *work(void *argument)
{
	struct drain *drain = argument;
	struct session *session = drain->file->session;
	while (!__atomic_load_n(&drain->stop, __ATOMIC_ACQUIRE)) {
		uint32_t seen = __atomic_load_n(&session->wake_seq, __ATOMIC_ACQUIRE);
		if (scan(drain, false)) {
			__atomic_fetch_add(&session->free_seq, 1, __ATOMIC_RELEASE);
			if (__atomic_load_n(&session->waiters, __ATOMIC_SEQ_CST))
				futex(&session->free_seq, FUTEX_WAKE, INT_MAX, NULL);
		}
		struct timespec idle = {0, IDLE_MS * 1000000L};
		if (!__atomic_load_n(&drain->stop, __ATOMIC_ACQUIRE))
			futex(&session->wake_seq, FUTEX_WAIT, seen, &idle);
	}
	return NULL;
}

static struct drain *drain_new(struct session_file *file, launch_sink *sink, void *context)
{
	struct drain *drain = calloc(1, sizeof *drain);
	if (!drain)
		return NULL;
	*drain = (struct drain){.file = file, .sink = sink, .context = context, .first = UINT64_MAX};
	drain->blocks = calloc(SESSION_BLOCKS, sizeof *drain->blocks);
	if (drain->blocks)
		return drain;
	free(drain);
	return NULL;
}

static void drain_free(struct drain *drain)
{
	free(drain->blocks);
	free(drain->buffer);
	free(drain);
}

struct drain *drain_start(struct session_file *file, launch_sink *sink, void *context)
{
	struct drain *drain = drain_new(file, sink, context);
	int code = drain ? pthread_create(&drain->thread, NULL, work, drain) : ENOMEM;
	if (code && drain) {
		drain_free(drain);
		drain = NULL;
	}
	errno = code;
	return drain;
}

struct drain_totals drain_once(struct session_file *file, launch_sink *sink, void *context)
{
	struct drain *drain = drain_new(file, sink, context);
	struct drain_totals totals = {.error = -ENOMEM};
	if (!drain)
		return totals;
	scan(drain, true);
	totals = drain->totals;
	drain_free(drain);
	return totals;
}

struct drain_totals drain_finish(struct drain *drain)
{
	struct session *session = drain->file->session;
	__atomic_store_n(&drain->stop, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&session->wake_seq, 1, __ATOMIC_RELEASE);
	futex(&session->wake_seq, FUTEX_WAKE, INT_MAX, NULL);
	pthread_join(drain->thread, NULL);
	scan(drain, true);
	struct drain_totals totals = drain->totals;
	drain_free(drain);
	return totals;
}
