// SPDX-License-Identifier: MIT
// analysis: the kernel's table says what is left, the ledger says whose it is; where they disagree is a finding.
#include "ledger_book.h"

#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>

/* One line of the table, and what is made of it. */
struct row {
	const struct kernel_segment *kernel;
	struct segment_book *segment; /* the last life of that id; NULL */
	struct segment facts; /* what a finding shows */
};

/* Whether RECORD may have made what the kernel shows. A segment marked for removal has lost its key. */
static bool fits(const struct record *record, const struct kernel_segment *kernel)
{
	return record->state != RECORD_FREE && record->args[1] == kernel->bytes &&
	       (kernel->mode & SEGMENT_DEST || (int32_t)record->args[0] == kernel->key);
}

static bool may_create(const struct record *record)
{
	return (int32_t)record->args[0] == IPC_PRIVATE || record->args[2] & IPC_CREAT;
}

/* A call of unknown outcome by the very process that the kernel names. */
static const struct record *unknown_creation(const struct ledger *ledger, const struct kernel_segment *kernel)
{
	for (size_t i = ledger->unknown_count; i-- > 0;) {
		const struct record *record = &ledger->unknown[i];

		if (record->pid == kernel->cpid && may_create(record) && fits(record, kernel))
			return record;
	}
	return NULL;
}

static const struct record *creation_of(const struct ledger *ledger, const struct row *row)
{
	const struct segment_book *segment = row->segment;
	bool is_dest = row->kernel->mode & SEGMENT_DEST;
	const struct record *spare = segment && segment->spare_kind != SPARE_NONE ? &segment->spare : NULL;

	if (segment && (is_dest || !segment_is_removed(segment))) {
		const struct record *creation = &segment->facts.creation;

		if (spare && fits(spare, row->kernel) && spare->pid == row->kernel->cpid &&
		    (!fits(creation, row->kernel) || creation->pid != row->kernel->cpid))
			return spare;
		if (fits(creation, row->kernel))
			return creation;
	}
	return unknown_creation(ledger, row->kernel);
}

/* By the books. */
static bool is_attached_by_survivor(const struct ledger *ledger, const struct evidence *evidence, int shmid)
{
	if (!evidence->survivor_count)
		return false;
	for (size_t i = 0; ledger->attachments.slots && i <= ledger->attachments.mask; i++)
		for (const struct attachment *attachment = ledger->attachments.slots[i].value; attachment;
		     attachment = attachment->next_same) {
			const struct process_book *process = process_lookup(ledger, attachment->process);

			if (attachment->shmid == shmid && process && !process->superseded &&
			    evidence_has_survivor(evidence, process->facts.pid))
				return true;
		}
	return false;
}

static void fill_facts(struct row *row, const struct record *creation)
{
	const struct kernel_segment *kernel = row->kernel;
	struct segment *facts = &row->facts;
	bool is_dest = kernel->mode & SEGMENT_DEST;

	memset(facts, 0, sizeof(*facts));
	if (row->segment)
		*facts = row->segment->facts;
	facts->shmid = kernel->shmid;
	facts->key = creation ? (int32_t)creation->args[0] : kernel->key;
	facts->bytes = kernel->bytes;
	facts->mode = kernel->mode & 0777;
	facts->created = creation != NULL;
	facts->reach_key = kernel->key != IPC_PRIVATE && !is_dest;
	facts->left = !is_dest;
	facts->creator_pid = kernel->cpid;
	facts->nattch = kernel->nattch;
	if (creation) {
		facts->creation = *creation;
		facts->creator_process = creation->process;
		facts->creator_pid = creation->pid;
	} else {
		facts->creation = (struct record){0};
		facts->creator_process = 0;
	}
}

static struct finding *tell(struct ledger *ledger, const struct row *row, enum finding_id id,
			    enum severity severity)
{
	uint64_t site = row->facts.creation.stack ? fold_site(ledger, &row->facts, NULL)
						  : ledger_map_hash((uint32_t)row->facts.shmid + 1);
	bool is_new;
	struct finding *finding = fold(ledger, id, severity, &row->facts, NULL, site, &is_new);

	if (finding)
		finding->bytes += row->facts.bytes;
	return finding && is_new ? finding : NULL;
}

static void unattributed(struct ledger *ledger, const struct evidence *evidence, struct row *row)
{
	const struct kernel_segment *kernel = row->kernel;
	const struct segment_book *segment = row->segment;
	bool by_survivor = evidence_has_survivor(evidence, kernel->cpid);
	struct finding *finding;
	const char *why = "its creation was not seen";

	if (evidence->isolation == ISOLATION_NONE &&
	    (!process_was_in_tree(ledger, kernel->cpid) || kernel->ctime < evidence->wall_begin - 1))
		return; /* somebody else's */
	if (segment && segment->facts.created)
		why = segment_is_removed(segment) ? "yet the shim saw IPC_RMID of that id succeed"
						  : "it is not the one that the shim saw being made";
	else if (evidence->lost_events)
		why = "its creation may be among the events that were lost";
	/* one that lives on may have made it after the last event was taken */
	finding = tell(ledger, row, by_survivor ? FINDING_SEGMENT_HELD : FINDING_SEGMENT_UNATTRIBUTED,
		       by_survivor ? SEVERITY_NOTE : SEVERITY_ERROR);
	if (finding)
		snprintf(finding->detail, sizeof(finding->detail),
			 "The kernel has segment %d (key 0x%x, %llu bytes, made by pid %d); %s.",
			 kernel->shmid, (uint32_t)kernel->key, (unsigned long long)kernel->bytes,
			 kernel->cpid, why);
}

/* What the rules, and not the program, are to blame for. */
enum blame {
	BLAME_PROGRAM,
	BLAME_RULE, /* the removal was failed by a rule, or the creation was hidden by one */
	BLAME_UNNOTICED, /* so too, but the program ended as if nothing had happened */
	BLAME_KILL, /* a rule killed the process that made it */
};

static enum blame blame(const struct ledger *ledger, const struct evidence *evidence,
			const struct segment *facts)
{
	const struct record *tried = &facts->last_failed_removal;

	if (facts->removal_attempts && tried->flags & RECORD_INJECTED)
		return facts->removal_attempts == 1 && tried->flags & RECORD_FAILED &&
			       evidence_ended_well(evidence)
			   ? BLAME_UNNOTICED
			   : BLAME_RULE;
	if (facts->creation.flags & RECORD_INJECTED)
		return BLAME_RULE;
	return fault_killed(ledger, facts->creator_process) ? BLAME_KILL : BLAME_PROGRAM;
}

static const enum severity blame_severity[] = {
    [BLAME_PROGRAM] = SEVERITY_ERROR,
    [BLAME_RULE] = SEVERITY_NOTE,
    [BLAME_UNNOTICED] = SEVERITY_WARNING,
    [BLAME_KILL] = SEVERITY_WARNING,
};

static const char *const blame_words[] = {
    [BLAME_PROGRAM] = "",
    [BLAME_RULE] = "Excused, a rule did it: ",
    [BLAME_UNNOTICED] = "A rule failed its removal, and the program did not notice: ",
    [BLAME_KILL] = "A rule killed the process: ",
};

static void leaked(struct ledger *ledger, const struct evidence *evidence, struct row *row)
{
	const struct segment *facts = &row->facts;
	const struct record *tried = &facts->last_failed_removal;
	struct process_book *creator = process_lookup(ledger, facts->creator_process);
	enum blame whose = blame(ledger, evidence, facts);
	struct finding *finding;
	char call[96], removal[96] = "no IPC_RMID was tried";

	if (creator && whose == BLAME_PROGRAM)
		creator->leaks = true;
	finding = tell(ledger, row, FINDING_SEGMENT_LEAK, blame_severity[whose]);
	if (!finding)
		return;
	if (facts->removal_attempts)
		snprintf(removal, sizeof(removal), "IPC_RMID was tried %llu time%s, last by pid %d: %s%s",
			 (unsigned long long)facts->removal_attempts, facts->removal_attempts == 1 ? "" : "s",
			 tried->pid, tried->flags & RECORD_FAILED ? words_errno(tried->error) : "success",
			 tried->flags & RECORD_INJECTED ? " (INJECTED)" : "");
	snprintf(finding->detail, sizeof(finding->detail), "%spid %d made it with %s%s; %s.",
		 blame_words[whose], facts->creator_pid, words_call(&facts->creation, call),
		 facts->creation.state == RECORD_BEGUN ? " and was killed in that call" : "", removal);
}

static void kept(struct ledger *ledger, struct row *row, enum finding_id id, enum severity severity,
		 const char *why)
{
	struct finding *finding = tell(ledger, row, id, severity);

	if (finding)
		snprintf(finding->detail, sizeof(finding->detail),
			 "Segment %d (%llu bytes, made by pid %d): %s.", row->facts.shmid,
			 (unsigned long long)row->facts.bytes, row->facts.creator_pid, why);
}

static void attributed(struct ledger *ledger, const struct evidence *evidence, struct row *row)
{
	/* in a namespace of our own nobody but a survivor can hold it */
	bool attached =
	    is_attached_by_survivor(ledger, evidence, row->facts.shmid) ||
	    (row->kernel->nattch && evidence->survivor_count && evidence->isolation == ISOLATION_PRIVATE);
	bool by_survivor = evidence_has_survivor(evidence, row->kernel->cpid);

	if (row->kernel->mode & SEGMENT_DEST) {
		if (row->kernel->nattch == 0)
			return; /* just being destroyed */
		if (attached)
			kept(ledger, row, FINDING_SEGMENT_HELD, SEVERITY_NOTE,
			     "removed, and gone when the living process that has it attached ends");
		else
			kept(ledger, row, FINDING_SEGMENT_PINNED, SEVERITY_WARNING,
			     "removed, but a process outside the tree has it attached");
	} else if (evidence->timed_out) {
		kept(ledger, row, FINDING_LEFT_AT_TIMEOUT, SEVERITY_NOTE,
		     "it stood when the deadline killed the tree");
	} else if (attached || by_survivor) {
		kept(ledger, row, FINDING_SEGMENT_HELD, SEVERITY_NOTE,
		     attached ? "a process that lives on has it attached"
			      : "the process that made it lives on");
	} else if (row->kernel->nattch) {
		kept(ledger, row, FINDING_SEGMENT_HELD, SEVERITY_NOTE,
		     "a process outside the tree has it attached");
	} else {
		leaked(ledger, evidence, row);
	}
}

static bool is_old(const struct evidence *evidence, const struct kernel_segment *kernel)
{
	const struct kernel_segment *before = kernel_table_find(&evidence->before, kernel->shmid);

	return before && before->cpid == kernel->cpid && before->bytes == kernel->bytes &&
	       (before->key == kernel->key || kernel->mode & SEGMENT_DEST);
}

static void judge_row(struct ledger *ledger, const struct evidence *evidence,
		      const struct kernel_segment *kernel)
{
	struct row row = {.kernel = kernel, .segment = segment_lookup(ledger, kernel->shmid)};
	const struct record *creation;

	if (is_old(evidence, kernel) && !(row.segment && row.segment->facts.created))
		return;
	creation = creation_of(ledger, &row);
	fill_facts(&row, creation);
	if (creation)
		attributed(ledger, evidence, &row);
	else if (!(kernel->mode & SEGMENT_DEST))
		unattributed(ledger, evidence, &row);
	else if (kernel->nattch && evidence->isolation == ISOLATION_PRIVATE)
		kept(ledger, &row, evidence->survivor_count ? FINDING_SEGMENT_HELD : FINDING_SEGMENT_PINNED,
		     evidence->survivor_count ? SEVERITY_NOTE : SEVERITY_WARNING,
		     "removed, but still attached");
}

/* Live by the ledger's book, and for certain. */
static void vanished(struct ledger *ledger, const struct evidence *evidence,
		     const struct segment_book *segment)
{
	bool is_excused = evidence->isolation == ISOLATION_NONE || evidence->lost_events ||
			  evidence->survivor_count || evidence->removes_orphans;
	struct row row = {.facts = segment->facts};
	struct finding *finding;

	finding = tell(ledger, &row, FINDING_SEGMENT_VANISHED, is_excused ? SEVERITY_NOTE : SEVERITY_ERROR);
	if (finding)
		snprintf(finding->detail, sizeof(finding->detail),
			 "Segment %d, made by pid %d, was never seen removed, yet the kernel has it no more: "
			 "%s.",
			 segment->facts.shmid, segment->facts.creator_pid,
			 evidence->removes_orphans
			     ? "kernel.shm_rmid_forced is set, so that it goes with its maker and last user. "
			       "Elsewhere it would be left"
			     : "an unseen process removed it, or it was made in another IPC namespace");
}

/* Without the kernel's word what the ledger says stands alone; with events missing not even that. */
static void one_witness(struct ledger *ledger, const struct evidence *evidence,
			const struct segment_book *segment)
{
	struct row row = {.segment = NULL, .facts = segment->facts};

	row.facts.left = true;
	row.facts.reach_key = row.facts.key != IPC_PRIVATE;
	if (evidence->lost_events)
		kept(ledger, &row, FINDING_SEGMENT_LEAK, SEVERITY_NOTE,
		     "not seen removed, but its removal may be among the events that were lost");
	else
		leaked(ledger, evidence, &row);
}

void judge_table(struct ledger *ledger, const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->after.count; i++)
		judge_row(ledger, evidence, &evidence->after.segments[i]);
	for (size_t i = 0; ledger->segments.slots && i <= ledger->segments.mask; i++) {
		const struct segment_book *segment = ledger->segments.slots[i].value;
		const struct kernel_segment *kernel;

		if (!segment || !segment->facts.created || segment->facts.removed)
			continue;
		if (evidence->plain_preload) {
			if (!segment->maybe_removed)
				one_witness(ledger, evidence, segment);
			continue;
		}
		kernel = kernel_table_find(&evidence->after, segment->facts.shmid);
		if (!segment->maybe_removed && !kernel)
			vanished(ledger, evidence, segment);
	}
}
