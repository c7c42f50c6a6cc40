// SPDX-License-Identifier: MIT
// analysis: questions to the books: the segments that they know, the fault that came before.
#include "ledger_book.h"

#include <errno.h>
#include <stdlib.h>

void fault_remember(struct ledger *ledger, const struct record *record)
{
	if (record->event < CALL_COUNT && record->flags & (RECORD_INJECTED | RECORD_WORLD) &&
	    !(record->flags & RECORD_PLANTED))
		ledger->faults[ledger->fault_count++ % FAULTS_KEPT] = *record;
}

const struct record *ledger_fault(const struct ledger *ledger, uint32_t process, uint64_t before_ns)
{
	const struct record *own = NULL, *any = NULL;
	for (uint64_t i = 0; i < ledger->fault_count && i < FAULTS_KEPT; i++) {
		const struct record *fault = &ledger->faults[i];
		if (fault->begin_ns >= before_ns)
			continue;
		if (!any || fault->begin_ns > any->begin_ns)
			any = fault;
		if (fault->process == process && (!own || fault->begin_ns > own->begin_ns))
			own = fault;
	}
	return own ? own : any;
}

static uint64_t time_of(const struct segment_book *segment)
{
	return segment->facts.creation.state != RECORD_FREE ? segment->facts.creation.begin_ns
							    : segment->first_end;
}

static int by_time(const void *left, const void *right)
{
	const struct segment_book *a = *(const struct segment_book *const *)left,
				  *b = *(const struct segment_book *const *)right;
	if (time_of(a) != time_of(b))
		return time_of(a) < time_of(b) ? -1 : 1;
	return a->facts.shmid < b->facts.shmid ? -1 : 1;
}

int ledger_segments(const struct ledger *ledger, ledger_visit *visit, void *context)
{
	const struct segment_book **list = malloc((ledger->segments.count + 1) * sizeof *list);
	size_t count = 0;
	int code = list ? 0 : -ENOMEM;
	for (size_t i = 0; list && ledger->segments.slots && i <= ledger->segments.mask; i++)
		if (ledger->segments.slots[i].value)
			list[count++] = ledger->segments.slots[i].value;
	if (count)
		qsort(list, count, sizeof *list, by_time);
	for (size_t i = 0; !code && i < count; i++)
		code = visit(context, &list[i]->facts);
	free(list);
	return code;
}
