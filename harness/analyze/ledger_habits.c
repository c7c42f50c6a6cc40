// SPDX-License-Identifier: MIT
// analysis: what a single call or a single segment's life shows: keys, modes, crash windows.
#include "ledger_book.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ipc.h>

static size_t slot(int32_t key)
{
	return ledger_map_hash((uint32_t)key) >> 20 & (FACTS_KEPT - 1);
}

const struct known_ftok *habit_ftok_of(const struct ledger *ledger, int32_t key)
{
	const struct known_ftok *known = table_look(&ledger->ftoks, slot(key));

	return known && known->used && known->key == key ? known : NULL;
}

/* The texts are lent when the events are in: until then the refs wait in the finding. */
void habit_describe_ftok(const struct ledger *ledger, struct finding *finding)
{
	const struct record *record = &finding->offending;
	int proj_id = (int)record->args[1];
	char text[160], other[160];

	words_text(ledger, record->text, text);
	words_text(ledger, finding->segment.ftok_text, other);
	if (finding->id == FINDING_FTOK_TRUNCATED)
		snprintf(finding->detail, sizeof(finding->detail),
			 "ftok(\"%.120s\", %d) by pid %d: only %d & 255 = %d enters the key.", text, proj_id,
			 record->pid, proj_id, proj_id & 255);
	else
		snprintf(finding->detail, sizeof(finding->detail),
			 "key 0x%x stands for two files: \"%.70s\" with %d and \"%.70s\" with %d.",
			 (uint32_t)record->result, other, finding->segment.ftok_proj_id, text, proj_id);
}

static void collision(struct ledger *ledger, const struct known_ftok *known, const struct record *record)
{
	bool is_new;
	struct finding *finding = fold(ledger, FINDING_FTOK_COLLISION, SEVERITY_WARNING, NULL, record,
				       fold_site(ledger, NULL, record), &is_new);

	if (!finding || !is_new)
		return;
	finding->segment.key = known->key;
	finding->segment.ftok_text = known->text;
	finding->segment.ftok_proj_id = known->proj_id;
}

void habit_ftok(struct ledger *ledger, const struct record *record)
{
	struct known_ftok *known;
	int proj_id = (int)record->args[1];
	bool is_new;

	if (record->state != RECORD_DONE || record->flags & RECORD_FAILED)
		return;
	if (proj_id == 0 || proj_id > 255)
		fold(ledger, FINDING_FTOK_TRUNCATED, SEVERITY_WARNING, NULL, record,
		     fold_site(ledger, NULL, record), &is_new);
	if (record->flags & (RECORD_INJECTED | RECORD_WORLD))
		return; /* a key that we made collide */
	known = table_take(&ledger->ftoks, slot((int32_t)record->result));
	if (!known) {
		ledger->no_memory = true;
		return;
	}
	if (known->used && known->key == (int32_t)record->result && known->inode && record->detail[1] &&
	    (known->inode != record->detail[1] || known->device != record->detail[0]) &&
	    (known->text != record->text || !record->text))
		collision(ledger, known, record);
	*known = (struct known_ftok){(int32_t)record->result, record->text,     proj_id, true,
				     record->detail[0],       record->detail[1]};
}

/* In decimal each of them sets the bit of IPC_CREAT. Bits above it are other flags, IPC_EXCL is none of theirs. */
static bool is_decimal(unsigned flags)
{
	static const unsigned slips[] = {600, 644, 660, 664, 666, 755, 777};

	for (size_t i = 0; i < sizeof(slips) / sizeof(*slips); i++)
		if ((flags & 01777) == slips[i])
			return true;
	return false;
}

static size_t missing_slot(int32_t key)
{
	return ledger_map_hash((uint32_t)key) % FACTS_KEPT;
}

void habit_missing(struct ledger *ledger, const struct record *record)
{
	int32_t key = (int32_t)record->args[0];
	struct missing_key *missing;

	if (!ledger_kernel_refused(record) || record->error != ENOENT)
		return;
	missing = table_take(&ledger->missing, missing_slot(key));
	if (missing)
		*missing = (struct missing_key){key, record->pid};
	else
		ledger->no_memory = true;
}

void habit_not_missing(struct ledger *ledger, int32_t key)
{
	struct missing_key *missing = table_look(&ledger->missing, missing_slot(key));

	if (missing && missing->key == key)
		missing->pid = 0;
}

int ledger_hints(const struct ledger *ledger, struct evidence *evidence)
{
	int r = 0;

	if (ledger->totals.elsewhere)
		r = evidence_hint(evidence,
				  "%llu call%s made in an IPC namespace that the program itself entered: its "
				  "segments there die with it and are not judged",
				  (unsigned long long)ledger->totals.elsewhere,
				  ledger->totals.elsewhere == 1 ? " was" : "s were");
	if (ledger->totals.handed && r == 0)
		r = evidence_hint(evidence,
				  "%llu program%s started by another shmcheck, or with a SHMCHECK_LOG of "
				  "its own, under this one: what it does is not seen here",
				  (unsigned long long)ledger->totals.handed,
				  ledger->totals.handed == 1 ? " was" : "s were");
	if (evidence->lost_texts && r == 0)
		r = evidence_hint(
		    evidence,
		    "%llu call stacks or names found no room and were not kept: --stacks=create "
		    "keeps those of shmget alone",
		    (unsigned long long)evidence->lost_texts);

	for (size_t i = 0; i < FACTS_KEPT && r == 0; i++) {
		const struct missing_key *missing = table_look(&ledger->missing, i);
		bool is_there = false;

		for (size_t k = 0; missing && missing->pid && k < evidence->host.count; k++)
			is_there |= evidence->host.segments[k].key == missing->key;
		if (is_there)
			r = evidence_hint(
			    evidence,
			    "pid %d asked in vain for key 0x%x, which a segment of the host has, "
			    "outside the private IPC namespace: is the partner there? "
			    "--isolate=none",
			    missing->pid, (uint32_t)missing->key);
	}
	return r;
}

void habit_shmget(struct ledger *ledger, const struct record *record)
{
	unsigned flags = (unsigned)record->args[2];
	bool is_new;
	struct finding *finding;

	if (!is_decimal(flags))
		return;
	finding = fold(ledger, FINDING_MODE_DECIMAL, SEVERITY_WARNING, NULL, record,
		       fold_site(ledger, NULL, record), &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail),
			 "shmget by pid %d asked for mode %u, which is 0%o: meant is 0%u.", record->pid,
			 flags & 01777, flags & 0777, flags & 01777);
}

void habit_created(struct ledger *ledger, const struct segment_book *segment)
{
	const struct segment *facts = &segment->facts;
	bool is_new;
	struct finding *finding;

	if (!(facts->mode & 0002))
		return;
	finding = fold(ledger, FINDING_MODE_WORLD, SEVERITY_NOTE, facts, NULL, fold_site(ledger, facts, NULL),
		       &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail), "segment %d was made with mode 0%03o.",
			 facts->shmid, facts->mode);
}

void habit_window(struct ledger *ledger, struct segment_book *segment)
{
	const struct segment *facts = &segment->facts;
	uint64_t calls = segment->removed_at - segment->created_at;
	uint64_t window_ns = facts->removal.end_ns - facts->creation.begin_ns;
	struct finding *finding;
	bool is_new;

	if (!facts->created || segment->maybe_removed || segment->windowed)
		return;
	segment->windowed = true;
	calls = calls ? calls - 1 : 0;
	finding = fold(ledger, FINDING_CRASH_WINDOW, SEVERITY_NOTE, facts, NULL,
		       fold_site(ledger, facts, NULL), &is_new);
	if (!finding)
		return;
	finding->window_calls = calls > finding->window_calls ? calls : finding->window_calls;
	if (!is_new && window_ns <= finding->window_ns)
		return;
	finding->window_ns = window_ns;
	snprintf(
	    finding->detail, sizeof(finding->detail),
	    "%.3f ms and %llu other call%s between its creation and its removal: killed in between it leaks.",
	    (double)window_ns / 1e6, (unsigned long long)calls, calls == 1 ? "" : "s");
}

void habit_limit(struct ledger *ledger, const struct record *record)
{
	unsigned long long used = record->detail[1], limit = record->detail[2];
	struct finding *finding;
	char words[96];
	bool is_new;

	if (record->state != RECORD_DONE || !ledger_kernel_refused(record) || record->flags & RECORD_WORLD ||
	    record->detail[0] == LIMIT_NONE || record->detail[0] > LIMIT_SHMMAX)
		return;
	finding = fold(ledger, FINDING_LIMIT_REACHED, SEVERITY_NOTE, NULL, record,
		       fold_site(ledger, NULL, record), &is_new);
	if (!finding || !is_new)
		return;
	words_call(record, words);
	if (record->detail[0] == LIMIT_SHMMNI)
		snprintf(finding->detail, sizeof(finding->detail),
			 "%s: ENOSPC: %llu of %llu segments in use (shmmni).", words, used, limit);
	else if (record->detail[0] == LIMIT_SHMALL)
		snprintf(finding->detail, sizeof(finding->detail),
			 "%s: ENOSPC: %llu of %llu pages in use (shmall), and it asks for %llu more.", words,
			 used, limit, (unsigned long long)(record->args[1] + 4095) / 4096);
	else
		snprintf(finding->detail, sizeof(finding->detail),
			 "%s: EINVAL: %llu bytes asked for, at most %llu (shmmax).", words, used, limit);
}
