// SPDX-License-Identifier: MIT
// analysis: the ledger: hands each event to the books that it concerns.
#include "ledger_book.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/shm.h>

struct ledger *ledger_new(void)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger)
		return NULL;
	ledger->segment_pool.size = sizeof(struct segment_book);
	ledger->attachment_pool.size = sizeof(struct attachment);
	ledger->process_pool.size = sizeof(struct process_book);
	ledger->ftoks.size = sizeof(struct known_ftok);
	ledger->keys.size = sizeof(struct known_key);
	ledger->detaches.size = sizeof(struct known_detach);
	ledger->missing.size = sizeof(struct missing_key);
	ledger->tree_pids.size = sizeof(struct pid_set);
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	pool_free(&ledger->segment_pool);
	pool_free(&ledger->attachment_pool);
	pool_free(&ledger->process_pool);
	ledger_map_free(&ledger->segments);
	ledger_map_free(&ledger->attachments);
	ledger_map_free(&ledger->processes);
	ledger_map_free(&ledger->pids);
	ledger_map_free(&ledger->folds);
	findings_free(&ledger->folded);
	table_free(&ledger->ftoks);
	table_free(&ledger->keys);
	table_free(&ledger->detaches);
	table_free(&ledger->missing);
	table_free(&ledger->tree_pids);
	free(ledger->execs);
	free(ledger->forks);
	free(ledger->faults);
	free(ledger->unknown);
	free(ledger->tentative);
	free(ledger->early);
	free(ledger->stale);
	free(ledger);
}

struct ledger_totals ledger_totals(const struct ledger *ledger)
{
	return ledger->totals;
}

bool ledger_kernel_did(const struct record *record, int64_t *ret_result)
{
	if (record->flags & RECORD_INJECTED) {
		*ret_result = (int64_t)record->detail[0];
		return record->flags & RECORD_AFTER && *ret_result != -1;
	}
	*ret_result = record->result;
	return !(record->flags & RECORD_FAILED);
}

/* A call that may have made a segment, but nobody saw its result. */
static int keep_unknown(struct ledger *ledger, const struct record *record)
{
	if (ledger->unknown_count == UNKNOWN_KEPT)
		return 0;
	if (array_reserve((void **)&ledger->unknown, ledger->unknown_count, &ledger->unknown_capacity,
			  sizeof(*ledger->unknown)) < 0)
		return -ENOMEM;
	ledger->unknown[ledger->unknown_count++] = *record;
	return 0;
}

static int shmget_event(struct ledger *ledger, const struct record *record)
{
	struct process_book *process = process_of(ledger, record);
	int64_t result;

	if (process) {
		misuse_key(ledger, process, record);
		misuse_outcome(process, PRODUCT_ID, record);
	}
	habit_shmget(ledger, record);
	habit_missing(ledger, record);
	habit_limit(ledger, record);
	if (record->state != RECORD_DONE)
		return keep_unknown(ledger, record);
	if (!ledger_kernel_did(record, &result))
		return 0;
	if (record->flags & RECORD_CREATED)
		return segment_created(ledger, record, (int)result);
	return segment_found(ledger, record, (int)result);
}

/* Where a rule changed the world before the call, its segment may be gone by our own doing. */
static void world_event(const struct ledger *ledger, const struct record *record)
{
	struct segment_book *segment = record->flags & RECORD_WORLD && record->error != EACCES
					   ? segment_lookup(ledger, (int)record->args[0])
					   : NULL;

	if (segment)
		segment->maybe_removed = true;
}

static int shmctl_event(struct ledger *ledger, const struct record *record)
{
	struct process_book *process = process_of(ledger, record);

	if (process)
		misuse_id(ledger, process, record);
	if (shmctl_command((int)record->args[1]) == IPC_RMID)
		return segment_removal(ledger, record, (int)record->args[0]);
	world_event(ledger, record);
	return 0;
}

/* Somebody else's doing, whom a rule played: it goes into the books, and is nobody's habit, count or fault. */
static int planted_event(struct ledger *ledger, const struct record *record)
{
	if (record->event == CALL_SHMCTL && record->args[1] == IPC_RMID && !(record->flags & RECORD_FAILED))
		segment_taken(ledger, record, (int)record->args[0]);
	return 0;
}

static int call_event(struct ledger *ledger, const struct record *record)
{
	struct process_book *process;

	if (record->flags & RECORD_PLANTED)
		return planted_event(ledger, record);
	process = process_of(ledger, record);
	ledger->calls++;
	if (process)
		process->last[process->calls++ % LAST_CALLS] = *record;
	ledger->totals.failed_calls += (record->flags & RECORD_FAILED) != 0;
	fault_note(ledger, record);
	switch (record->event) {
	case CALL_SHMGET:
		return shmget_event(ledger, record);
	case CALL_SHMCTL:
		return shmctl_event(ledger, record);
	case CALL_FTOK:
		if (process)
			misuse_outcome(process, PRODUCT_KEY, record);
		habit_ftok(ledger, record);
		return 0;
	case CALL_SHMAT:
		if (process) {
			misuse_id(ledger, process, record);
			misuse_outcome(process, PRODUCT_ADDRESS, record);
		}
		world_event(ledger, record);
		return attach_event(ledger, record);
	default:
		if (process)
			misuse_address(ledger, process, record);
		return detach_event(ledger, record);
	}
}

/* One too many is forgotten: its segments are reported. */
static int keep_event(struct ledger *ledger, const struct record *record)
{
	int32_t key = (int32_t)record->args[0];

	if (key != IPC_PRIVATE && !ledger_keeps(ledger, key) && ledger->kept_count < KEPT_KEYS)
		ledger->kept[ledger->kept_count++] = key;
	return 0;
}

bool ledger_keeps(const struct ledger *ledger, int32_t key)
{
	for (size_t i = 0; i < ledger->kept_count; i++)
		if (ledger->kept[i] == key)
			return true;
	return false;
}

/* By id or key: those of another IPC namespace are none of ours. An address is the process's own everywhere. */
static bool is_elsewhere(const struct record *record)
{
	return record->flags & RECORD_ELSEWHERE &&
	       (record->event == CALL_SHMGET || record->event == CALL_SHMAT || record->event == CALL_SHMCTL);
}

int ledger_apply(struct ledger *ledger, const struct record *record)
{
	int r;

	if (record->event >= EVENT_COUNT || (record->state != RECORD_BEGUN && record->state != RECORD_DONE))
		return 0; /* scribbled: the reader counts it */
	ledger->totals.events++;
	if (ledger->tentative_count)
		tentative_settle(ledger, record->begin_ns);
	if (ledger->early_count)
		early_settle(ledger, record->begin_ns);
	if (is_elsewhere(record)) {
		ledger->totals.elsewhere++;
		return 0;
	}
	if (record->event < CALL_COUNT)
		r = call_event(ledger, record);
	else if (record->event == EVENT_UNMAP)
		r = unmap_event(ledger, record);
	else if (record->event == EVENT_KEEP)
		r = keep_event(ledger, record);
	else if (record->event == EVENT_POINT)
		r = 0; /* means something to scenarios only */
	else
		r = process_event(ledger, record);
	return r < 0 ? r : ledger->no_memory ? -ENOMEM : 0;
}
