// SPDX-License-Identifier: MIT
// analysis: attach-leak: what a process had attached when it ended.
#include "ledger_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { MANY_ATTACHMENTS = 3 };

static int by_segment(const void *left, const void *right)
{
	const struct attachment *a = *(struct attachment *const *)left,
				*b = *(struct attachment *const *)right;

	if (a->shmid != b->shmid)
		return a->shmid < b->shmid ? -1 : 1;
	return (a->call.begin_ns > b->call.begin_ns) - (a->call.begin_ns < b->call.begin_ns);
}

static void leak(struct ledger *ledger, const struct process_book *process, const struct attachment *first,
		 size_t count, bool by_exec)
{
	const struct segment_book *segment = segment_lookup(ledger, first->shmid);
	const struct segment *facts =
	    segment && segment->generation == first->generation ? &segment->facts : NULL;
	bool is_known = facts && facts->creation.stack;
	uint64_t site = is_known ? facts->creation.stack : fold_site(ledger, facts, &first->call);
	struct finding *finding;
	bool is_new;

	finding =
	    fold(ledger, FINDING_ATTACH_LEAK, count >= MANY_ATTACHMENTS ? SEVERITY_WARNING : SEVERITY_NOTE,
		 facts, &first->call, site, &is_new);
	if (finding && is_new)
		snprintf(finding->detail, sizeof(finding->detail),
			 "pid %d %s with %zu attachment%s of segment %d; the first was made at 0x%llx.",
			 process->facts.pid, by_exec ? "executed another program" : "ended", count,
			 count == 1 ? "" : "s", first->shmid, (unsigned long long)first->address);
}

/* Not the program's fault, unless it did not notice: never tried again, and then said that all was well. The latter is
 * known when the verdict is made. */
static void excused(struct ledger *ledger, const struct process_book *process,
		    const struct attachment *attachment)
{
	const struct segment_book *segment = segment_lookup(ledger, attachment->shmid);
	bool tried_again = attachment->refusals > 1 || !(attachment->refusal.flags & RECORD_FAILED), is_new;
	struct finding *finding =
	    fold(ledger, FINDING_ATTACH_LEAK, tried_again ? SEVERITY_NOTE : SEVERITY_WARNING,
		 segment && segment->generation == attachment->generation ? &segment->facts : NULL,
		 &attachment->refusal, fold_site(ledger, NULL, &attachment->refusal), &is_new);

	if (finding && is_new)
		snprintf(
		    finding->detail, sizeof(finding->detail),
		    "a rule failed the shmdt of segment %d at 0x%llx, and pid %d ended with it attached.",
		    attachment->shmid, (unsigned long long)attachment->address, process->facts.pid);
}

int attach_leaks(struct ledger *ledger, const struct process_book *process, uint32_t image)
{
	size_t count = 0, kept = 0;
	struct attachment **own;

	for (struct attachment *attachment = process->attachments; attachment; attachment = attachment->next)
		count++;
	own = count ? malloc(count * sizeof(*own)) : NULL;
	if (!own)
		return count ? -ENOMEM : 0;
	for (struct attachment *attachment = process->attachments; attachment; attachment = attachment->next)
		if (attachment->inherited || attachment->uncertain || attachment->call.image >= image ||
		    attachment->call.flags & RECORD_INJECTED)
			continue;
		else if (attachment->refusals)
			excused(ledger, process, attachment);
		else
			own[kept++] = attachment;
	qsort(own, kept, sizeof(*own), by_segment);
	for (size_t i = 0, next; i < kept; i = next) {
		for (next = i + 1; next < kept && own[next]->shmid == own[i]->shmid; next++)
			;
		leak(ledger, process, own[i], next - i, image != UINT32_MAX);
	}
	free(own);
	return 0;
}
