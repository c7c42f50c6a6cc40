// SPDX-License-Identifier: MIT
// analysis: questions to the books: the segments that they know.
#include "ledger_book.h"

#include <errno.h>
#include <stdlib.h>

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

size_t ledger_last_calls(const struct ledger *ledger, uint32_t serial, struct record ret_calls[LAST_CALLS])
{
	const struct process_book *process = process_lookup(ledger, serial);
	uint64_t calls = process ? process->calls : 0;
	size_t count = calls < LAST_CALLS ? (size_t)calls : LAST_CALLS;
	for (size_t i = 0; i < count; i++)
		ret_calls[i] = process->last[(calls - count + i) % LAST_CALLS];
	return count;
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
