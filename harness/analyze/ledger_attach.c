// SPDX-License-Identifier: MIT
// analysis: the book of attachments, by address space and address.
#include "ledger_book.h"

#include <errno.h>
#include <sys/shm.h>

static uint64_t place(uint32_t process, uint64_t address)
{
	return ledger_map_hash(address ^ (uint64_t)process << 40) + process;
}

static bool is_at(const struct attachment *attachment, uint32_t process, uint64_t address)
{
	return attachment->process == process && attachment->address == address;
}

static int insert(struct ledger *ledger, struct process_book *process, struct attachment *attachment)
{
	uint64_t key = place(process->facts.serial, attachment->address);
	struct attachment **tail, *head = ledger_map_get(&ledger->attachments, key);

	attachment->process = process->facts.serial;
	attachment->next_same = NULL;
	if (!head) {
		int r = ledger_map_set(&ledger->attachments, key, attachment);

		if (r < 0)
			return r;
	} else {
		for (tail = &head->next_same; *tail; tail = &(*tail)->next_same)
			;
		*tail = attachment; /* the oldest first */
	}
	attachment->previous = NULL;
	attachment->next = process->attachments;
	if (attachment->next)
		attachment->next->previous = attachment;
	process->attachments = attachment;
	return 0;
}

static void leave_chain(struct ledger *ledger, struct attachment *attachment)
{
	uint64_t key = place(attachment->process, attachment->address);
	struct attachment *head = ledger_map_get(&ledger->attachments, key);

	if (head != attachment) {
		while (head->next_same != attachment)
			head = head->next_same;
		head->next_same = attachment->next_same;
	} else if (attachment->next_same) {
		ledger_map_set(&ledger->attachments, key, attachment->next_same); /* present: cannot fail */
	} else {
		ledger_map_remove(&ledger->attachments, key);
	}
}

static void end(struct ledger *ledger, struct attachment *attachment)
{
	struct process_book *process = process_lookup(ledger, attachment->process);

	leave_chain(ledger, attachment);
	if (attachment->previous)
		attachment->previous->next = attachment->next;
	else if (process)
		process->attachments = attachment->next;
	if (attachment->next)
		attachment->next->previous = attachment->previous;
	segment_detached(ledger, attachment->shmid, attachment->generation, attachment->process);
	pool_give(&ledger->attachment_pool, attachment);
}

struct attachment *attachment_inside(const struct ledger *ledger, uint32_t process, uint64_t address)
{
	const struct process_book *book = process_lookup(ledger, process);

	for (struct attachment *attachment = book ? book->attachments : NULL; attachment;
	     attachment = attachment->next)
		if (address > attachment->address && address < attachment->address + attachment->length)
			return attachment;
	return NULL;
}

/* Ends what the range covers wholly and was certainly there before RECORD; what overlaps RECORD in time may be gone. */
static void cover(struct ledger *ledger, struct process_book *process, uint64_t address, uint64_t length,
		  const struct record *record)
{
	struct attachment *next;

	for (struct attachment *attachment = process->attachments; attachment; attachment = next) {
		next = attachment->next;
		if (attachment->address < address || attachment->length > length ||
		    attachment->address - address > length - attachment->length)
			continue;
		if (attachment->inherited || ledger_is_before(&attachment->call, record)) {
			if (record->event == EVENT_UNMAP && record->args[2] == UNMAP_MUNMAP)
				misuse_remember_unmap(ledger, record, attachment);
			end(ledger, attachment);
		} else
			attachment->uncertain = true;
	}
}

static bool was_detached_early(struct ledger *ledger, const struct record *record, uint64_t address)
{
	for (size_t i = 0; i < ledger->early_count; i++) {
		const struct early_detach *early = &ledger->early[i];

		if (early->process == record->process && early->address == address &&
		    early->end_ns >= record->begin_ns) {
			ledger->early[i] = ledger->early[--ledger->early_count];
			return true;
		}
	}
	return false;
}

void early_settle(struct ledger *ledger, uint64_t now_ns)
{
	size_t kept = 0;

	for (size_t i = 0; i < ledger->early_count; i++)
		if (ledger->early[i].end_ns >= now_ns)
			ledger->early[kept++] = ledger->early[i];
	ledger->early_count = kept;
}

/* Of those at ADDRESS that certainly came before RECORD only the newest can still be there: whatever ended the
 * others began before the newest had returned, so it is in the book already, or was never seen. */
static void end_superseded(struct ledger *ledger, const struct record *record, uint64_t address)
{
	struct attachment *next, *older = NULL;

	for (struct attachment *attachment =
		 ledger_map_get(&ledger->attachments, place(record->process, address));
	     attachment; attachment = next) {
		next = attachment->next_same;
		if (!is_at(attachment, record->process, address) ||
		    (!attachment->inherited && !ledger_is_before(&attachment->call, record)))
			continue;
		if (older)
			end(ledger, older);
		older = attachment;
	}
}

int attach_event(struct ledger *ledger, const struct record *record)
{
	struct process_book *process = process_of(ledger, record);
	int shmid = (int)record->args[0];
	struct segment_book *segment;
	struct attachment *attachment;
	int64_t address;
	uint64_t length;

	if (record->state != RECORD_DONE || !ledger_kernel_did(record, &address))
		return 0;
	ledger->totals.attaches++;
	segment = segment_met(ledger, record, shmid);
	if (!segment)
		return -ENOMEM;
	segment->facts.attaches++;
	if (segment_is_removed(segment) && !segment_is_taken(segment) &&
	    ledger_is_before(&segment->facts.removal, record))
		tentative_add(ledger, FINDING_ATTACH_AFTER_REMOVE, SEVERITY_NOTE, segment, record);
	if (!process)
		return ledger->no_memory ? -ENOMEM : 0;
	length = record->flags & RECORD_AFTER ? 0 : record->detail[0];
	length = length ? length : segment->facts.bytes;
	length = (length + 4095) & ~4095ULL;
	if (record->args[2] & SHM_REMAP)
		cover(ledger, process, (uint64_t)address, length, record);
	if (ledger->early_count && was_detached_early(ledger, record, (uint64_t)address)) {
		segment->facts.detaches++;
		return 0;
	}
	attachment = pool_take(&ledger->attachment_pool);
	if (!attachment)
		return -ENOMEM;
	end_superseded(ledger, record, (uint64_t)address);
	attachment->generation = segment->generation;
	attachment->shmid = shmid;
	attachment->address = (uint64_t)address;
	attachment->length = length;
	attachment->call = *record;
	segment_attached(ledger, segment, record->process);
	return insert(ledger, process, attachment);
}

/* The attachments at ADDRESS that RECORD may have ended: all that certainly came before it (two cannot be at one
 * place: the older were ended unseen), else the oldest that overlaps it. */
static bool end_at(struct ledger *ledger, const struct record *record, uint64_t address, int *ret_shmid,
		   uint64_t *ret_length)
{
	struct attachment *next, *overlapping = NULL;
	struct segment_book *segment;
	bool found = false;

	for (struct attachment *attachment =
		 ledger_map_get(&ledger->attachments, place(record->process, address));
	     attachment; attachment = next) {
		next = attachment->next_same;
		if (!is_at(attachment, record->process, address))
			continue;
		if (!attachment->inherited && !ledger_is_before(&attachment->call, record)) {
			overlapping = overlapping ? overlapping : attachment;
			continue;
		}
		*ret_shmid = attachment->shmid;
		*ret_length = attachment->length;
		found = true;
		end(ledger, attachment);
	}
	if (!found && overlapping) {
		*ret_shmid = overlapping->shmid;
		*ret_length = overlapping->length;
		found = true;
		end(ledger, overlapping);
	}
	segment = found ? segment_lookup(ledger, *ret_shmid) : NULL;
	if (segment)
		segment->facts.detaches++;
	return found;
}

/* A rule failed the detach: what is there stays, by our own doing. */
static void refuse_at(struct ledger *ledger, const struct record *record, uint64_t address)
{
	for (struct attachment *attachment =
		 ledger_map_get(&ledger->attachments, place(record->process, address));
	     attachment; attachment = attachment->next_same) {
		if (!is_at(attachment, record->process, address))
			continue;
		attachment->refusals++;
		attachment->refusal = *record;
	}
}

/* A detach of unknown outcome: what is there may be gone. */
static void doubt_at(struct ledger *ledger, const struct record *record, uint64_t address)
{
	for (struct attachment *attachment =
		 ledger_map_get(&ledger->attachments, place(record->process, address));
	     attachment; attachment = attachment->next_same)
		if (is_at(attachment, record->process, address))
			attachment->uncertain = true;
}

int detach_event(struct ledger *ledger, const struct record *record)
{
	uint64_t address = record->args[0], length = 0;
	int shmid = -1;
	int64_t result;
	bool was_known;

	if (record->state != RECORD_DONE) {
		doubt_at(ledger, record, address);
		return 0;
	}
	if (!ledger_kernel_did(record, &result)) {
		if (record->flags & RECORD_INJECTED)
			refuse_at(ledger, record, address);
		return 0;
	}
	ledger->totals.detaches++;
	if (record->process == 0)
		return 0;
	was_known = end_at(ledger, record, address, &shmid, &length);
	misuse_remember_detach(ledger, record, shmid, length);
	if (was_known)
		return 0;
	if (array_reserve((void **)&ledger->early, ledger->early_count, &ledger->early_capacity,
			  sizeof(*ledger->early)) < 0)
		return -ENOMEM;
	ledger->early[ledger->early_count++] =
	    (struct early_detach){record->process, address, record->end_ns};
	return 0;
}

int unmap_event(struct ledger *ledger, const struct record *record)
{
	struct process_book *process = process_of(ledger, record);
	uint64_t length = (record->args[1] + 4095) & ~4095ULL;

	if (!process || !process->attachments || record->flags & RECORD_FAILED)
		return 0;
	if (record->state == RECORD_DONE)
		cover(ledger, process, record->args[0], length, record);
	else
		for (struct attachment *attachment = process->attachments; attachment;
		     attachment = attachment->next)
			attachment->uncertain = true;
	return 0;
}

int attachments_snapshot(struct ledger *ledger, const struct process_book *parent, const struct record *fork,
			 struct attachment **ret_list)
{
	struct attachment *list = NULL;

	for (const struct attachment *attachment = parent->attachments; attachment;
	     attachment = attachment->next) {
		struct attachment *copy = pool_take(&ledger->attachment_pool);

		if (!copy) {
			attachments_discard(ledger, list);
			return -ENOMEM;
		}
		*copy = *attachment;
		copy->inherited = true;
		copy->uncertain |= !attachment->inherited && !ledger_is_before(&attachment->call, fork);
		copy->next = list;
		list = copy;
	}
	*ret_list = list;
	return 0;
}

void attachments_discard(struct ledger *ledger, struct attachment *list)
{
	struct attachment *next;

	for (; list; list = next) {
		next = list->next;
		pool_give(&ledger->attachment_pool, list);
	}
}

int attachments_adopt(struct ledger *ledger, struct process_book *child, struct attachment *list)
{
	struct attachment *next;

	for (; list; list = next) {
		struct segment_book *segment = segment_lookup(ledger, list->shmid);
		int r;

		next = list->next;
		r = insert(ledger, child, list);
		if (r < 0)
			return r;
		if (segment && segment->generation == list->generation)
			segment_attached(ledger, segment, child->facts.serial);
	}
	return 0;
}

void attachments_drop(struct ledger *ledger, struct process_book *process, uint32_t image, bool is_leak)
{
	struct attachment *next;

	if (is_leak && attach_leaks(ledger, process, image) < 0)
		ledger->no_memory = true;
	for (struct attachment *attachment = process->attachments; attachment; attachment = next) {
		next = attachment->next;
		if (attachment->inherited ? image > 0 : attachment->call.image < image)
			end(ledger, attachment);
	}
}
