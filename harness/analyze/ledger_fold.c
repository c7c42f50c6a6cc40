// SPDX-License-Identifier: MIT
// analysis: findings as they come up: the same one again only counts; some wait until they are certain.
#include "ledger_book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return ledger_map_hash(hash ^ value) + 0x632be59bd9b4e019;
}

static uint64_t hash_comm(const struct process_book *process)
{
	uint64_t hash = 0;

	for (const char *next = process ? process->facts.comm : ""; *next; next++)
		hash = mix(hash, (unsigned char)*next);
	return hash;
}

/* What tells two findings apart: their stacks, the segment's key and the process's name (an interpreter has one stack
 * for all its scripts' segments, and a suppression of one key must not hide another); without stacks, the program and
 * what it asked for. */
uint64_t fold_site(const struct ledger *ledger, const struct segment *segment, const struct record *offending)
{
	const struct record *record = offending ? offending : segment ? &segment->creation : NULL;
	const struct process_book *process = record ? process_lookup(ledger, record->process) : NULL;
	uint64_t site = mix(offending ? offending->event + 1U : 0, segment ? segment->creation.stack : 0);

	site = mix(site, offending ? offending->stack : 0);
	site = mix(site, segment ? (uint32_t)segment->key : 0);
	site = mix(site, hash_comm(process));
	if (record && record->stack == 0) {
		site = mix(site, process ? process->facts.executable : 0);
		site = mix(site, offending && offending->event == CALL_SHMCTL ? offending->args[1] : 0);
	}
	return site;
}

struct finding *fold(struct ledger *ledger, enum finding_id id, enum severity severity,
		     const struct segment *segment, const struct record *offending, uint64_t site,
		     bool *ret_new)
{
	static const struct finding nothing;
	uint64_t key = mix(mix(site, id), severity);
	uintptr_t index = (uintptr_t)ledger_map_get(&ledger->folds, key);
	struct finding *finding;

	*ret_new = false;
	if (!index && ledger->folded.count >= FOLDED_KEPT) {
		key = mix(mix(0, id),
			  severity); /* too many different ones: one entry for the rest of this kind */
		index = (uintptr_t)ledger_map_get(&ledger->folds, key);
	}
	if (index) {
		ledger->folded.list[index - 1].count++;
		return &ledger->folded.list[index - 1];
	}
	if (findings_add(&ledger->folded, &nothing) < 0)
		goto no_memory;
	if (ledger_map_set(&ledger->folds, key, (void *)(uintptr_t)ledger->folded.count) < 0) {
		ledger->folded.count--;
		goto no_memory;
	}
	finding = &ledger->folded.list[ledger->folded.count - 1];
	finding->id = id;
	finding->severity = severity;
	finding->count = 1;
	if (segment) {
		struct process_book *creator = process_lookup(ledger, segment->creator_process);

		finding->has_segment = true;
		finding->segment = *segment;
		if (creator)
			creator->pinned = true;
	}
	if (offending) {
		struct process_book *process = process_lookup(ledger, offending->process);

		finding->offending = *offending;
		if (process)
			process->pinned = true;
	}
	*ret_new = true;
	return finding;

no_memory:
	ledger->no_memory = true;
	return NULL;
}

int tentative_add(struct ledger *ledger, enum finding_id id, enum severity severity,
		  const struct segment_book *segment, const struct record *record)
{
	if (array_reserve((void **)&ledger->tentative, ledger->tentative_count, &ledger->tentative_capacity,
			  sizeof(*ledger->tentative)) < 0) {
		ledger->no_memory = true;
		return -ENOMEM;
	}
	ledger->tentative[ledger->tentative_count++] =
	    (struct tentative){id, severity, segment->generation, *record};
	return 0;
}

static void describe(const struct tentative *entry, const struct segment *facts, struct finding *finding)
{
	const struct record *call = &entry->call, *removal = &facts->removal;
	double ms = (double)(call->begin_ns - removal->end_ns) / 1e6;
	char words[96];
	int room = sizeof(finding->detail);

	words_call(call, words);
	switch (entry->id) {
	case FINDING_USE_AFTER_REMOVE:
		snprintf(finding->detail, room,
			 "%s by pid %d failed with %s: pid %d%s had removed segment %d %.3f ms before.",
			 words, call->pid, words_errno(call->error), removal->pid,
			 removal->process == call->process ? ", the same process," : "", facts->shmid, ms);
		break;
	case FINDING_REMOVE_FOREIGN:
		snprintf(finding->detail, room,
			 "pid %d removed segment %d, which pid %d had made; then %s by pid %d, which %s, "
			 "failed with "
			 "%s.",
			 removal->pid, facts->shmid, facts->creator_pid, words, call->pid,
			 call->process == facts->creator_process ? "had made it" : "had it attached",
			 words_errno(call->error));
		break;
	case FINDING_REMOVE_TWICE:
		snprintf(finding->detail, room,
			 "%s by pid %d succeeded although pid %d had removed it %.3f ms before.", words,
			 call->pid, removal->pid, ms);
		break;
	default:
		snprintf(finding->detail, room,
			 "%s by pid %d came %.3f ms after pid %d had removed the segment.", words, call->pid,
			 ms, removal->pid);
	}
}

static void commit(struct ledger *ledger, const struct tentative *entry)
{
	int shmid = (int)entry->call.args[0];
	struct segment_book *segment = segment_lookup(ledger, shmid);
	const struct segment *facts;
	struct finding *finding;
	bool is_new;

	if (!segment || segment->generation != entry->generation)
		return; /* left the book meanwhile: only with thousands of removals during this one call */
	facts = &segment->facts;
	finding = fold(ledger, entry->id, entry->severity, facts, &entry->call,
		       fold_site(ledger, facts, &entry->call), &is_new);
	if (finding && is_new)
		describe(entry, facts, finding);
}

void tentative_settle(struct ledger *ledger, uint64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < ledger->tentative_count; i++)
		if (ledger->tentative[i].call.end_ns < now_ns)
			commit(ledger, &ledger->tentative[i]);
		else
			ledger->tentative[kept++] = ledger->tentative[i];
	ledger->tentative_count = kept;
}

void tentative_cancel(struct ledger *ledger, int shmid, const struct record *creation,
		      struct segment_book *segment)
{
	size_t kept = 0;

	for (size_t i = 0; i < ledger->tentative_count; i++) {
		struct tentative *entry = &ledger->tentative[i];

		if ((int)entry->call.args[0] != shmid || entry->call.end_ns < creation->begin_ns) {
			ledger->tentative[kept++] = *entry;
			continue;
		}
		/* it met the new life, or the old one: nobody can tell */
		if (entry->id == FINDING_REMOVE_TWICE && !segment->maybe_removed) {
			segment->maybe_removed = true;
			segment->facts.removal = entry->call;
		}
		if (entry->id == FINDING_ATTACH_AFTER_REMOVE)
			segment->facts.attaches++;
	}
	ledger->tentative_count = kept;
}
