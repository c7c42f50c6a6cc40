// SPDX-License-Identifier: MIT
// analysis: the book of segments: lives of ids, by creation, use and removal.
#include "ledger_book.h"

#include <errno.h>
#include <string.h>
#include <sys/shm.h>

struct segment_book *segment_lookup(const struct ledger *ledger, int shmid)
{
	return ledger_map_get(&ledger->segments, (uint32_t)shmid);
}

bool segment_is_removed(const struct segment_book *segment)
{
	return segment->facts.removed && !segment->maybe_removed;
}

static void unlist(struct ledger *ledger, struct segment_book *segment)
{
	if (!segment->listed)
		return;
	*(segment->older ? &segment->older->newer : &ledger->oldest_removed) = segment->newer;
	*(segment->newer ? &segment->newer->older : &ledger->newest_removed) = segment->older;
	segment->listed = false;
	ledger->removed_count--;
}

static void forget(struct ledger *ledger, struct segment_book *segment)
{
	unlist(ledger, segment);
	if (segment->facts.created)
		process_unuse(ledger, segment->facts.creator_process);
	ledger_map_remove(&ledger->segments, (uint32_t)segment->facts.shmid);
	pool_give(&ledger->segment_pool, segment);
}

/* Removed and attached by nobody: remembered for a while only. */
static void list(struct ledger *ledger, struct segment_book *segment)
{
	bool is_done = segment_is_removed(segment) && segment->live == 0;

	if (!is_done || segment->listed) {
		if (!is_done)
			unlist(ledger, segment);
		return;
	}
	segment->older = ledger->newest_removed;
	segment->newer = NULL;
	*(segment->older ? &segment->older->newer : &ledger->oldest_removed) = segment;
	ledger->newest_removed = segment;
	segment->listed = true;
	if (++ledger->removed_count > REMOVED_KEPT)
		forget(ledger, ledger->oldest_removed);
}

/* Makes the book's entry for SHMID a fresh life. */
static struct segment_book *begin_life(struct ledger *ledger, int shmid)
{
	struct segment_book *segment = segment_lookup(ledger, shmid);

	if (segment) {
		unlist(ledger, segment);
		if (segment->facts.created)
			process_unuse(ledger, segment->facts.creator_process);
		memset(segment, 0, sizeof(*segment));
	} else {
		segment = pool_take(&ledger->segment_pool);
		if (!segment)
			return NULL;
		if (ledger_map_set(&ledger->segments, (uint32_t)shmid, segment) < 0) {
			pool_give(&ledger->segment_pool, segment);
			return NULL;
		}
	}
	segment->generation = ++ledger->next_generation;
	segment->facts.shmid = shmid;
	return segment;
}

static void set_creation(struct ledger *ledger, struct segment_book *segment, const struct record *record)
{
	struct segment *facts = &segment->facts;
	struct process_book *creator = process_lookup(ledger, record->process);
	const struct known_ftok *ftok;

	segment->provisional = false;
	facts->creation = *record;
	facts->created = true;
	facts->key = (int32_t)record->args[0];
	facts->bytes = record->args[1];
	facts->mode = (unsigned)record->args[2] & 0777;
	facts->creator_pid = record->pid;
	facts->creator_process = record->process;
	segment->created_at = ledger->calls;
	habit_not_missing(ledger, facts->key);
	ftok = facts->key ? habit_ftok_of(ledger, facts->key) : NULL;
	if (ftok) {
		facts->ftok_text = ftok->text;
		facts->ftok_proj_id = ftok->proj_id;
	}
	if (creator)
		creator->segments++;
}

/* Whether RECORD, which made the id of SEGMENT, may be what the calls met that are in SEGMENT's book already. */
static bool may_adopt(const struct segment_book *segment, const struct record *record)
{
	return segment->provisional && record->begin_ns <= segment->first_end;
}

/* Whether it is older than the run only the kernel's first table can tell. Once a segment is enough. */
static int found_stale(struct ledger *ledger, struct segment_book *segment, const struct record *record)
{
	if (segment->stale_find || record->flags & RECORD_WORLD || ledger->stale_count >= FACTS_KEPT)
		return 0;
	segment->stale_find = true;
	if (array_reserve((void **)&ledger->stale, ledger->stale_count, &ledger->stale_capacity,
			  sizeof(*ledger->stale)) < 0)
		return -ENOMEM;
	ledger->stale[ledger->stale_count++] = *record;
	return 0;
}

static void forgive_stale(struct ledger *ledger, int shmid, const struct record *creation)
{
	size_t kept = 0;

	for (size_t i = 0; i < ledger->stale_count; i++)
		if ((int)ledger->stale[i].result != shmid || ledger->stale[i].end_ns < creation->begin_ns)
			ledger->stale[kept++] = ledger->stale[i];
	ledger->stale_count = kept;
}

int segment_created(struct ledger *ledger, const struct record *record, int shmid)
{
	struct segment_book *segment = segment_lookup(ledger, shmid);
	struct record older = {0}, last_removal = {0};
	bool is_unclear = false;

	ledger->totals.segments_created++;
	if (segment && may_adopt(segment, record)) {
		set_creation(ledger, segment, record);
		/* the removal may have been of an unseen older life */
		segment->maybe_removed |= segment->facts.removed;
	} else {
		if (segment) {
			const struct segment *facts = &segment->facts;

			if (facts->created && record->begin_ns <= facts->creation.end_ns)
				older = facts->creation;
			/* a removal without an end may still come true, one that overlaps may be ours */
			if (facts->removal.state != RECORD_FREE &&
			    (facts->removal.state != RECORD_DONE ||
			     facts->removal.end_ns >= record->begin_ns)) {
				last_removal = facts->removal;
				is_unclear = true;
			}
		}
		segment = begin_life(ledger, shmid);
		if (!segment)
			return -ENOMEM;
		set_creation(ledger, segment, record);
		if (older.state != RECORD_FREE) {
			segment->spare = older;
			segment->spare_kind = SPARE_OTHER_CREATION;
		}
		if (is_unclear) {
			segment->maybe_removed = true;
			segment->facts.removal = last_removal;
		}
	}
	if (ledger->tentative_count)
		tentative_cancel(ledger, shmid, record, segment);
	if (ledger->stale_count)
		forgive_stale(ledger, shmid, record);
	habit_created(ledger, segment);
	return 0;
}

struct segment_book *segment_met(struct ledger *ledger, const struct record *record, int shmid)
{
	struct segment_book *segment = segment_lookup(ledger, shmid);

	if (segment)
		return segment;
	segment = begin_life(ledger, shmid);
	if (segment) {
		segment->provisional = true;
		segment->first_end = record->state == RECORD_DONE ? record->end_ns : UINT64_MAX;
	}
	return segment;
}

int segment_found(struct ledger *ledger, const struct record *record, int shmid)
{
	struct segment_book *segment = segment_lookup(ledger, shmid);

	/* a removed segment has no key: what was found by key is another life of the id */
	if (segment && segment_is_removed(segment) && ledger_is_before(&segment->facts.removal, record)) {
		segment = begin_life(ledger, shmid);
		if (segment) {
			segment->provisional = true;
			segment->first_end = record->end_ns;
		}
	}
	segment = segment ? segment : segment_met(ledger, record, shmid);
	if (!segment)
		return -ENOMEM;
	if (segment->provisional && segment->facts.key == 0) {
		segment->facts.key = (int32_t)record->args[0];
		segment->facts.bytes = record->args[1];
	}
	if (!segment->provisional || !(record->args[2] & IPC_CREAT))
		return 0;
	if (record->flags & RECORD_CREATED_UNKNOWN) {
		segment->spare = *record;
		segment->spare_kind = SPARE_MAYBE_CREATION;
		return 0;
	}
	return found_stale(ledger, segment, record);
}

static void removed_again(struct ledger *ledger, struct segment_book *segment, const struct record *record)
{
	if (record->process != segment->facts.removal.process) {
		segment->other_remover = record->process;
		segment->other_removal_end = record->end_ns;
	}
	if (ledger_is_before(&segment->facts.removal, record) && !segment_is_taken(segment))
		tentative_add(ledger, FINDING_REMOVE_TWICE, SEVERITY_NOTE, segment, record);
}

static bool is_attached(const struct ledger *ledger, const struct segment_book *segment, uint32_t process)
{
	const struct process_book *book = process_lookup(ledger, process);

	for (const struct attachment *attachment = book ? book->attachments : NULL; attachment;
	     attachment = attachment->next)
		if (attachment->shmid == segment->facts.shmid &&
		    attachment->generation == segment->generation)
			return true;
	return false;
}

/* Whoever has detached by then need not mind the removal. */
static void mark_attached(const struct ledger *ledger, struct segment_book *segment)
{
	for (unsigned i = 0; i < segment->attacher_count; i++)
		if (is_attached(ledger, segment, segment->attachers[i]))
			segment->attached_at_removal |= 1U << i;
}

static void removed(struct ledger *ledger, struct segment_book *segment, const struct record *record)
{
	struct segment *facts = &segment->facts;

	if (segment_is_removed(segment)) {
		removed_again(ledger, segment, record);
		return;
	}
	ledger->totals.segments_removed += !facts->removed;
	/* an overlapping creation: it may be the older life of the id that was removed */
	segment->maybe_removed = facts->created && !ledger_is_before(&facts->creation, record);
	if (segment->spare_kind == SPARE_OTHER_CREATION && !ledger_is_before(&segment->spare, record))
		segment->maybe_removed = true;
	facts->removed = true;
	facts->removal = *record;
	segment->removed_at = ledger->calls;
	mark_attached(ledger, segment);
	habit_window(ledger, segment);
	list(ledger, segment);
}

void segment_taken(struct ledger *ledger, const struct record *record, int shmid)
{
	struct segment_book *segment = segment_lookup(ledger, shmid);

	if (!segment || segment_is_removed(segment))
		return;
	segment->facts.removal = *record;
	segment->facts.removed = record->state == RECORD_DONE;
	segment->maybe_removed = record->state != RECORD_DONE;
	list(ledger, segment);
}

int segment_removal(struct ledger *ledger, const struct record *record, int shmid)
{
	struct segment_book *segment;
	int64_t result;

	if (record->state == RECORD_DONE && !ledger_kernel_did(record, &result)) {
		segment = segment_lookup(ledger, shmid);
		if (segment && !segment_is_removed(segment)) {
			segment->facts.removal_attempts++;
			segment->facts.last_failed_removal = *record;
		}
		return 0;
	}
	segment = segment_met(ledger, record, shmid);
	if (!segment)
		return -ENOMEM;
	if (record->state == RECORD_DONE) {
		removed(ledger, segment, record);
	} else if (!segment_is_removed(segment)) {
		segment->maybe_removed = true;
		segment->facts.removal = *record;
	}
	return 0;
}

static void remember_attacher(struct segment_book *segment, uint32_t process)
{
	for (unsigned i = 0; i < segment->attacher_count; i++)
		if (segment->attachers[i] == process)
			return;
	if (segment->attacher_count < ATTACHERS_KEPT)
		segment->attachers[segment->attacher_count++] = process;
}

void segment_attached(struct ledger *ledger, struct segment_book *segment, uint32_t process)
{
	segment->live++;
	remember_attacher(segment, process);
	list(ledger, segment);
}

void segment_detached(struct ledger *ledger, int shmid, uint32_t generation, uint32_t process)
{
	struct segment_book *segment = segment_lookup(ledger, shmid);

	if (!segment || segment->generation != generation)
		return;
	if (segment->live > 0)
		segment->live--;
	remember_attacher(segment, process);
	list(ledger, segment);
}
