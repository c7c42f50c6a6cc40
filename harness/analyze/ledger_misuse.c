// SPDX-License-Identifier: MIT
// analysis: wrong handles: failure values, keys, removed ids, addresses that are not attached.
#include "ledger_book.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>

static const char *const producers[PRODUCT_COUNT] = {"shmget", "shmat", "ftok"};

void misuse_outcome(struct process_book *process, enum product product, const struct record *record)
{
	struct outcome *outcome = &process->outcomes[product];

	if (record->state != RECORD_DONE)
		return;
	if (!(record->flags & RECORD_FAILED)) {
		if (record->end_ns > outcome->ok_end)
			outcome->ok_end = record->end_ns;
	} else if (record->end_ns > outcome->fail_end) {
		outcome->fail_begin = record->begin_ns;
		outcome->fail_end = record->end_ns;
		outcome->error = record->error ? record->error : EIO;
		if (product == PRODUCT_ADDRESS)
			outcome->failure = *record;
	}
}

/* The last producing call failed, whatever the order of calls that overlap. A -1 without that is a constant. */
static bool passes_failure(const struct process_book *process, enum product product,
			   const struct record *record)
{
	const struct outcome *outcome = &process->outcomes[product];

	return outcome->error && outcome->fail_end < record->begin_ns &&
	       outcome->fail_begin > outcome->ok_end;
}

static void failed_result_used(struct ledger *ledger, const struct process_book *process,
			       enum product product, const struct record *record)
{
	bool is_new;
	struct finding *finding;
	char words[96];

	finding = fold(ledger, FINDING_FAILED_RESULT_USED, SEVERITY_WARNING, NULL, record,
		       fold_site(ledger, NULL, record), &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail),
			 "%s by pid %d got what %s had failed with (%s).", words_call(record, words),
			 record->pid, producers[product], words_errno(process->outcomes[product].error));
}

static size_t slot(uint32_t process, uint64_t value)
{
	return ledger_map_hash(value ^ (uint64_t)process << 32) >> 20 & (FACTS_KEPT - 1);
}

static bool is_known_key(const struct ledger *ledger, const struct record *record, int32_t key)
{
	const struct known_key *known = table_look(&ledger->keys, slot(record->process, (uint32_t)key));

	return known && known->process == record->process && known->key == key &&
	       known->end_ns < record->begin_ns;
}

static void key_as_id(struct ledger *ledger, const struct record *record)
{
	char words[96];
	bool is_new;
	struct finding *finding;

	finding = fold(ledger, FINDING_KEY_AS_ID, SEVERITY_WARNING, NULL, record,
		       fold_site(ledger, NULL, record), &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail),
			 "%s by pid %d failed with %s: 0x%x is the key that it gave to shmget, not an id.",
			 words_call(record, words), record->pid, words_errno(record->error),
			 (uint32_t)record->args[0]);
}

static bool had_it_attached(const struct segment_book *segment, uint32_t process, bool *ret_at_removal)
{
	for (unsigned i = 0; i < segment->attacher_count; i++)
		if (segment->attachers[i] == process) {
			*ret_at_removal = segment->attached_at_removal >> i & 1;
			return true;
		}
	return false;
}

/* EINVAL from shmat may be about the address; a segment that is still attached is still there. */
static bool is_refused_for_id(const struct segment_book *segment, const struct record *record)
{
	if (record->error == EIDRM || record->event != CALL_SHMAT || segment->live == 0)
		return true;
	return record->args[1] == 0 && !(record->args[2] & SHM_REMAP);
}

static bool is_stat(const struct record *record)
{
	return record->event == CALL_SHMCTL && shmctl_command((int)record->args[1]) == IPC_STAT;
}

/* Who made it or had it attached, and cannot use it any more. Asking whether it is still there is no use; removing it
 * only by one that had it attached then: where the last one to go removes it, two may try. */
static bool is_harmed(const struct segment_book *segment, const struct record *record, bool is_use)
{
	bool at_removal = false;
	bool had_it = had_it_attached(segment, record->process, &at_removal);

	if (is_use)
		return had_it || record->process == segment->facts.creator_process;
	return at_removal && !is_stat(record);
}

static void removed_id(struct ledger *ledger, const struct segment_book *segment, const struct record *record)
{
	const struct record *removal = &segment->facts.removal;
	int command = record->event == CALL_SHMCTL ? shmctl_command((int)record->args[1]) : -1;
	bool by_remover, is_use;

	if (!ledger_is_before(removal, record) || removal->flags & (RECORD_INJECTED | RECORD_PLANTED) ||
	    !is_refused_for_id(segment, record))
		return;
	by_remover = record->process &&
		     (removal->process == record->process || (segment->other_remover == record->process &&
							      segment->other_removal_end < record->begin_ns));
	is_use = record->event == CALL_SHMAT || command == SHM_LOCK || command == IPC_SET;
	tentative_add(ledger, FINDING_USE_AFTER_REMOVE, by_remover && is_use ? SEVERITY_ERROR : SEVERITY_NOTE,
		      segment, record);
	if (!by_remover && segment->facts.created && removal->process &&
	    removal->process != segment->facts.creator_process && is_harmed(segment, record, is_use))
		tentative_add(ledger, FINDING_REMOVE_FOREIGN, SEVERITY_WARNING, segment, record);
}

/* These take an index, or nothing, where the others take an id. */
static bool takes_no_id(const struct record *record)
{
	if (record->event != CALL_SHMCTL)
		return false;
	switch (shmctl_command((int)record->args[1])) {
	case IPC_INFO:
	case SHM_INFO:
	case SHM_STAT:
	case 15: /* SHM_STAT_ANY */
		return true;
	default:
		return false;
	}
}

void misuse_id(struct ledger *ledger, struct process_book *process, const struct record *record)
{
	int shmid = (int)record->args[0];
	const struct segment_book *segment;

	if (takes_no_id(record))
		return;
	if (shmid == -1) {
		if (passes_failure(process, PRODUCT_ID, record))
			failed_result_used(ledger, process, PRODUCT_ID, record);
		return;
	}
	if (record->state != RECORD_DONE || !ledger_kernel_refused(record) || record->flags & RECORD_WORLD ||
	    (record->error != EINVAL && record->error != EIDRM))
		return;
	segment = segment_lookup(ledger, shmid);
	if (segment && segment_is_removed(segment))
		removed_id(ledger, segment, record);
	else if (!segment && shmid != 0 && is_known_key(ledger, record, shmid))
		key_as_id(ledger, record);
}

void misuse_key(struct ledger *ledger, struct process_book *process, const struct record *record)
{
	int32_t key = (int32_t)record->args[0];
	struct known_key *known;

	if (key == -1 && passes_failure(process, PRODUCT_KEY, record))
		failed_result_used(ledger, process, PRODUCT_KEY, record);
	if (key == IPC_PRIVATE || key == -1 || record->state != RECORD_DONE)
		return;
	known = table_take(&ledger->keys, slot(record->process, (uint32_t)key));
	if (!known)
		ledger->no_memory = true;
	else if (known->process != record->process || known->key != key)
		*known = (struct known_key){record->process, key, record->end_ns};
}

void misuse_remember_detach(struct ledger *ledger, const struct record *record, int shmid, uint64_t length)
{
	struct known_detach *known = table_take(&ledger->detaches, slot(record->process, record->args[0]));

	if (!known) {
		ledger->no_memory = true;
		return;
	}
	*known = (struct known_detach){.process = record->process,
				       .shmid = shmid,
				       .address = record->args[0],
				       .length = length,
				       .end_ns = record->end_ns,
				       .image = record->image,
				       .call = *record,
				       .excused = (record->flags & RECORD_INJECTED) != 0};
}

void misuse_remember_unmap(struct ledger *ledger, const struct record *record,
			   const struct attachment *attachment)
{
	struct known_detach *known =
	    table_take(&ledger->detaches, slot(record->process, attachment->address));

	if (!known) {
		ledger->no_memory = true;
		return;
	}
	*known = (struct known_detach){.process = record->process,
				       .shmid = attachment->shmid,
				       .address = attachment->address,
				       .length = attachment->length,
				       .end_ns = record->end_ns,
				       .image = record->image,
				       .call = attachment->call};
}

static void bad_detach(struct ledger *ledger, const struct record *record)
{
	const struct known_detach *known =
	    table_look(&ledger->detaches, slot(record->process, record->args[0]));
	const struct attachment *inside = attachment_inside(ledger, record->process, record->args[0]);
	bool is_known = known && known->process == record->process && known->address == record->args[0];
	char words[96], how[128] = "nothing was attached there";
	const struct segment_book *segment = NULL;
	struct finding *finding;
	bool is_new;

	if (is_known && known->excused)
		return; /* we made it believe that the first one had failed */
	if (inside) {
		segment = segment_lookup(ledger, inside->shmid);
		snprintf(how, sizeof(how), "it lies inside the attachment of segment %d at 0x%llx",
			 inside->shmid, (unsigned long long)inside->address);
	} else if (is_known && known->end_ns < record->begin_ns) {
		segment = segment_lookup(ledger, known->shmid);
		snprintf(how, sizeof(how), "it had been %s %.3f ms before",
			 known->call.event == CALL_SHMDT ? "detached" : "unmapped by munmap",
			 (double)(record->begin_ns - known->end_ns) / 1e6);
	} else if (is_known) {
		snprintf(how, sizeof(how), "another thread was detaching it at that moment");
	}
	finding = fold(ledger, FINDING_BAD_DETACH, SEVERITY_WARNING, segment ? &segment->facts : NULL, record,
		       fold_site(ledger, NULL, record), &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail), "%s by pid %d failed with EINVAL: %s.",
			 words_call(record, words), record->pid, how);
}

void misuse_address(struct ledger *ledger, struct process_book *process, const struct record *record)
{
	if (record->args[0] == UINT64_MAX && passes_failure(process, PRODUCT_ADDRESS, record)) {
		failed_result_used(ledger, process, PRODUCT_ADDRESS, record);
		return;
	}
	if (record->state == RECORD_DONE && ledger_kernel_refused(record) && record->error == EINVAL &&
	    !(record->flags & RECORD_WORLD))
		bad_detach(ledger, record);
}
