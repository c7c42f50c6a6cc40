// SPDX-License-Identifier: MIT
// analysis: the verdict: what is certain now that all events are in, what is left, and how bad it is.
#include "ledger_book.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { KILLED_AT_EXEC_NS = 2000000, KILLED_BY_US_NS = 100000000 };

static void judge_stale(struct ledger *ledger, const struct evidence *evidence)
{
	for (size_t i = 0; i < ledger->stale_count; i++) {
		const struct record *record = &ledger->stale[i];
		const struct kernel_segment *older =
		    kernel_table_find(&evidence->before, (int)record->result);
		struct finding *finding;
		char words[96];
		bool is_new;

		if (!older || older->key != (int32_t)record->args[0])
			continue;
		finding = fold(ledger, FINDING_STALE_ATTACH, SEVERITY_WARNING, NULL, record,
			       fold_site(ledger, NULL, record), &is_new);
		if (finding && is_new)
			snprintf(finding->detail, sizeof(finding->detail),
				 "%s by pid %d found segment %d of %llu bytes, which pid %d had made before "
				 "this run.",
				 words_call(record, words), record->pid, older->shmid,
				 (unsigned long long)older->bytes, older->cpid);
	}
}

static bool is_crash(int status)
{
	if (!WIFSIGNALED(status))
		return false;
	switch (WTERMSIG(status)) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGABRT:
	case SIGSYS:
		return true;
	default:
		return false;
	}
}

static bool has_crashed(const struct ledger *ledger, const struct evidence *evidence, pid_t pid)
{
	const struct crash *crash = evidence_crash_of(evidence, pid);

	for (size_t i = 0; i < evidence->reaped_count; i++)
		if (evidence->reaped[i].pid == pid && is_crash(evidence->reaped[i].status))
			return true;
	return (crash && ledger_process_of_crash(ledger, crash)) ||
	       (evidence->program_pid == pid && is_crash(evidence->program_status));
}

/* What a rule kept attached is nobody's fault, unless the program ended as if nothing had happened. */
static void weigh_excuse(const struct evidence *evidence, struct finding *finding)
{
	size_t length = strlen(finding->detail);
	bool was_noticed = finding->severity == SEVERITY_NOTE || !evidence_ended_well(evidence);

	if (was_noticed)
		finding->severity = SEVERITY_NOTE;
	snprintf(finding->detail + length, sizeof(finding->detail) - length, "%s",
		 was_noticed ? " Excused." : " The program did not notice.");
}

/* A wrong handle is an error where harm followed: the process crashed, or what it made is left. */
static void weigh(const struct ledger *ledger, const struct evidence *evidence, struct finding *finding)
{
	const struct process_book *process = process_lookup(ledger, finding->offending.process);
	size_t length = strlen(finding->detail);
	const char *harm;

	switch (finding->id) {
	case FINDING_FAILED_RESULT_USED:
	case FINDING_KEY_AS_ID:
	case FINDING_BAD_DETACH:
		break;
	case FINDING_ATTACH_LEAK:
		if (finding->offending.event == CALL_SHMDT)
			weigh_excuse(evidence, finding);
		return;
	default:
		return;
	}
	if (finding->severity == SEVERITY_ERROR)
		return; /* the crash is what it was found by */
	if (has_crashed(ledger, evidence, finding->offending.pid))
		harm = " The process crashed later.";
	else if (process && process->leaks)
		harm = " A segment that it made is left.";
	else
		return;
	finding->severity = SEVERITY_ERROR;
	snprintf(finding->detail + length, sizeof(finding->detail) - length, "%s", harm);
}

/* The object behind the pointer is ledger_new's own; the caller sees nothing of it change. */
static struct ledger *books_of(const struct ledger *ledger)
{
	return (struct ledger *)(uintptr_t)ledger;
}

void ledger_texts(const struct ledger *ledger, const struct arena *arena, uint64_t size)
{
	books_of(ledger)->arena = arena;
	books_of(ledger)->arena_size = size;
}

static int close_books(struct ledger *ledger, const struct evidence *evidence)
{
	if (ledger->judged)
		return 0;
	ledger->judged = true;
	tentative_settle(ledger, UINT64_MAX);
	process_settle_all(ledger, evidence);
	judge_stale(ledger, evidence);
	judge_crashes(ledger, evidence);
	judge_table(ledger, evidence);
	return ledger->no_memory ? -ENOMEM : 0;
}

int ledger_judge(const struct ledger *ledger, const struct evidence *evidence, struct findings *findings)
{
	int r = close_books(books_of(ledger), evidence);

	for (size_t i = 0; i < ledger->folded.count && r == 0; i++) {
		struct finding finding = ledger->folded.list[i];

		if (finding.id == FINDING_FTOK_COLLISION || finding.id == FINDING_FTOK_TRUNCATED)
			habit_describe_ftok(ledger, &finding);
		weigh(ledger, evidence, &finding);
		fault_before(ledger, &finding);
		r = findings_add(findings, &finding);
	}
	findings_sort(findings);
	return r;
}

/* Death by a signal right at the exec: no image was left that could announce itself. So it is with all that
 * our deadline killed before they could. */
static bool was_killed_at(const struct evidence *evidence, const struct pending_exec *exec)
{
	if (evidence->timed_out && evidence->end_ns - exec->begin_ns < KILLED_BY_US_NS)
		return true;
	for (size_t i = 0; i < evidence->reaped_count; i++) {
		const struct reaped *reaped = &evidence->reaped[i];

		if (reaped->pid == exec->pid && WIFSIGNALED(reaped->status) &&
		    reaped->time_ns >= exec->begin_ns)
			return reaped->time_ns - exec->begin_ns < KILLED_AT_EXEC_NS;
	}
	return false;
}

static bool was_told_before(const struct ledger *ledger, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (ledger->execs[i].text == ledger->execs[index].text)
			return true;
	return false;
}

int ledger_doubts(const struct ledger *ledger, struct evidence *evidence)
{
	char text[160], role[160];
	int r = 0;

	if (ledger->totals.processes == 0)
		r = evidence_doubt(
		    evidence,
		    "the shim never announced itself in %s: static, setuid, or a scrubbed environment?",
		    evidence->argv && evidence->argv[0] ? evidence->argv[0] : "the program");
	for (size_t i = 0; i < ledger->exec_count && r == 0; i++) {
		const struct pending_exec *exec = &ledger->execs[i];
		const struct process *process = ledger_process(ledger, exec->process);

		if (was_killed_at(evidence, exec) || was_told_before(ledger, i))
			continue;
		words_text(ledger, process ? process->role : 0, role);
		r = evidence_doubt(
		    evidence,
		    "the shim could not enter %s (%s by pid %d, role %s): static, setuid, or a scrubbed "
		    "environment?",
		    words_text(ledger, exec->text, text), exec->spawn ? "spawned" : "exec",
		    exec->spawn && process ? process->pid : exec->pid, role);
	}
	if (r == 0 && ledger->execs_dropped)
		r = evidence_doubt(evidence,
				   "%llu more programs were executed that the shim may not have entered",
				   (unsigned long long)ledger->execs_dropped);
	return r;
}
