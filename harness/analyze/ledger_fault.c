// SPDX-License-Identifier: MIT
// analysis: the faults that rules put in, and which of them preceded a finding.
#include "ledger_book.h"

#include <signal.h>
#include <sys/shm.h>

static bool is_fault(const struct record *record)
{
	return record->flags & (RECORD_INJECTED | RECORD_WORLD | RECORD_DELAYED) ||
	       record->args[RECORD_SIGNALS];
}

void fault_note(struct ledger *ledger, const struct record *record)
{
	if (!is_fault(record) || record->flags & RECORD_PLANTED)
		return;
	if (ledger->fault_count < FAULTS_KEPT &&
	    array_reserve((void **)&ledger->faults, ledger->fault_count, &ledger->fault_capacity,
			  sizeof(*ledger->faults)) < 0)
		ledger->no_memory = true;
	else
		ledger->faults[ledger->fault_count++ % FAULTS_KEPT] = *record;
}

/* How closely FAULT and FINDING belong together; 0: it did not precede it. */
static unsigned closeness(const struct finding *finding, const struct record *fault)
{
	const struct record *creation = &finding->segment.creation;
	bool has_creation = finding->has_segment && creation->state != RECORD_FREE;
	bool takes_id = fault->event == CALL_SHMAT || fault->event == CALL_SHMCTL;
	uint32_t process = has_creation ? finding->segment.creator_process : finding->offending.process;

	if (finding->offending.state != RECORD_FREE && fault->begin_ns > finding->offending.begin_ns)
		return 0;
	if (has_creation && fault->begin_ns == creation->begin_ns && fault->process == creation->process)
		return 5; /* its very creation */
	if (has_creation && takes_id && (int)fault->args[0] == finding->segment.shmid &&
	    fault->begin_ns > creation->begin_ns)
		return 4;
	if (fault->process != process)
		return 1;
	return has_creation && fault->begin_ns > creation->begin_ns ? 3 : 2;
}

/* Habits are what they are without any fault. */
static bool follows_faults(enum finding_id id)
{
	switch (id) {
	case FINDING_FAULT_NOT_HIT:
	case FINDING_FTOK_TRUNCATED:
	case FINDING_MODE_DECIMAL:
	case FINDING_MODE_WORLD:
	case FINDING_CRASH_WINDOW:
	case FINDING_STALE_ATTACH:
	case FINDING_LIMIT_REACHED:
		return false;
	default:
		return true;
	}
}

void fault_before(const struct ledger *ledger, struct finding *finding)
{
	uint64_t oldest = ledger->fault_count > FAULTS_KEPT ? ledger->fault_count - FAULTS_KEPT : 0;
	unsigned best = 0;

	if (!follows_faults(finding->id))
		return;
	for (uint64_t i = ledger->fault_count; i-- > oldest;) { /* the latest of the closest */
		const struct record *fault = &ledger->faults[i % FAULTS_KEPT];
		unsigned close = closeness(finding, fault);

		if (close <= best)
			continue;
		best = close;
		finding->after = *fault;
	}
}

bool fault_killed(const struct ledger *ledger, uint32_t process)
{
	uint64_t oldest = ledger->fault_count > FAULTS_KEPT ? ledger->fault_count - FAULTS_KEPT : 0;

	for (uint64_t i = ledger->fault_count; i-- > oldest;) {
		const struct record *fault = &ledger->faults[i % FAULTS_KEPT];

		if (fault->process == process && fault->args[RECORD_SIGNALS] & RECORD_SIGNAL(SIGKILL))
			return true;
	}
	return false;
}
