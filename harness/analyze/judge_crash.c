// SPDX-License-Identifier: MIT
// analysis: crashes whose address tells what was wrong: a failure value used as a pointer, a range that was detached.
#include "ledger_book.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

/* (void *)-1 and what lies behind it: before address 0 only the last page can be meant. */
enum { TOP_BYTES = 4096 };

static bool is_page_fault(const struct crash *crash)
{
	return crash->signal == SIGSEGV && crash->has_address;
}

/* The last shmat of the process had failed, and nothing says that it succeeded since. */
static bool has_failed_last(const struct outcome *outcome, const struct crash *crash)
{
	return outcome->error && outcome->fail_begin > outcome->ok_end &&
	       outcome->failure.state == RECORD_DONE &&
	       (!crash->time_ns || outcome->fail_end < crash->time_ns);
}

static uint64_t size_of(const struct ledger *ledger, int shmid)
{
	const struct segment_book *segment = segment_lookup(ledger, shmid);

	return segment ? segment->facts.bytes : 0;
}

static void failed_attach_used(struct ledger *ledger, const struct process_book *process,
			       const struct crash *crash)
{
	const struct outcome *outcome = &process->outcomes[PRODUCT_ADDRESS];
	const struct record *failure = &outcome->failure;
	struct finding *finding;
	char words[96];
	bool is_new;

	if (!has_failed_last(outcome, crash))
		return;
	if (crash->address < UINT64_MAX - TOP_BYTES + 1 &&
	    crash->address + 1 >= size_of(ledger, (int)failure->args[0]))
		return;
	finding = fold(ledger, FINDING_FAILED_RESULT_USED, SEVERITY_ERROR, NULL, failure,
		       fold_site(ledger, NULL, failure), &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail),
			 "%s by pid %d failed with %s; then it crashed at 0x%" PRIx64
			 ", which is (void *)-1 + %" PRId64 ".",
			 words_call(failure, words), crash->pid, words_errno(outcome->error), crash->address,
			 (int64_t)(crash->address + 1));
}

/* The latest detach in this image whose range holds the address. NULL: none, or it is known to be attached again. */
static const struct known_detach *detach_of(const struct ledger *ledger, const struct process_book *process,
					    const struct crash *crash)
{
	const struct known_detach *latest = NULL;

	for (size_t i = 0; i < FACTS_KEPT; i++) {
		const struct known_detach *detach = table_look(&ledger->detaches, i);

		if (detach && detach->process == process->facts.serial &&
		    detach->image == process->facts.image && !detach->excused &&
		    crash->address - detach->address < detach->length &&
		    (!crash->time_ns || detach->end_ns < crash->time_ns) &&
		    (!latest || detach->end_ns > latest->end_ns))
			latest = detach;
	}
	return latest;
}

static void detached_used(struct ledger *ledger, const struct process_book *process,
			  const struct crash *crash)
{
	const struct known_detach *detach = detach_of(ledger, process, crash);
	const struct segment_book *segment;
	struct finding *finding;
	bool is_new;

	/* what is mapped there now, if anything, is not the segment: an attachment would not fault so */
	if (!detach || crash->code == SEGV_ACCERR)
		return;
	segment = segment_lookup(ledger, detach->shmid);
	finding = fold(ledger, FINDING_USE_AFTER_DETACH, SEVERITY_ERROR, segment ? &segment->facts : NULL,
		       &detach->call, fold_site(ledger, NULL, &detach->call), &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail),
			 "pid %d crashed at 0x%llx, byte %llu of segment %d, which it had %s.", crash->pid,
			 (unsigned long long)crash->address,
			 (unsigned long long)(crash->address - detach->address), detach->shmid,
			 detach->call.event == CALL_SHMDT ? "detached" : "unmapped by munmap");
}

void judge_crashes(struct ledger *ledger, const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->crash_count; i++) {
		const struct crash *crash = &evidence->crashes[i];
		const struct process *facts = ledger_process_of_crash(ledger, crash);
		const struct process_book *process = facts ? process_lookup(ledger, facts->serial) : NULL;

		if (!process || !is_page_fault(crash))
			continue;
		failed_attach_used(ledger, process, crash);
		detached_used(ledger, process, crash);
	}
}
