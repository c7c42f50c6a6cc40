// SPDX-License-Identifier: MIT
// shim: what a world= does in somebody's place: in the log, and in the plan for the harness.
#include "shim/inject_planted.h"
#include "shim/raw_syscall.h"

#include <sys/syscall.h>

struct entry begin_planted(unsigned event, const struct inject *inject, long a, uint64_t b, long c)
{
	struct entry entry = append_take(event, RECORD_PLANTED);

	if (entry.record) {
		entry.record->args[0] = (uint64_t)a;
		entry.record->args[1] = b;
		entry.record->args[2] = (uint64_t)c;
		entry.record->rule = inject->decision.rule;
		append_begin(&entry);
	}
	return entry;
}

void end_planted(struct entry *entry, long result)
{
	struct record *record = append_result(entry);

	if (!record)
		return;
	record->result = result < 0 ? -1 : result;
	record->error = result < 0 ? (int32_t)-result : 0;
	record->flags |= result < 0 ? RECORD_FAILED : 0;
	append_done(record);
}

struct plan_planted *planted_place(struct plan *plan, long key)
{
	for (unsigned i = 0; i < PLAN_PLANTED; i++) {
		uint32_t free_state = ENTRY_FREE;

		if (__atomic_compare_exchange_n(&plan->planted[i].state, &free_state, ENTRY_MAKING, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			plan->planted[i].key = (int32_t)key;
			plan->planted[i].pid = (int32_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
			return &plan->planted[i];
		}
	}
	return NULL;
}

void planted_is(struct plan_planted *planted, long id)
{
	if (id >= 0)
		planted->shmid = (int32_t)id;
	__atomic_store_n(&planted->state, id >= 0 ? ENTRY_THERE : ENTRY_FREE, __ATOMIC_RELEASE);
}
