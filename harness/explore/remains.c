// SPDX-License-Identifier: MIT
// explore: without a namespace of the run's own: takes away what the run made and left.
#include "remains.h"

#include <sys/shm.h>

static bool was_there(const struct evidence *evidence, const struct kernel_segment *segment)
{
	const struct kernel_segment *before = kernel_table_find(&evidence->before, segment->shmid);
	return before && before->cpid == segment->cpid;
}

/* The id may be another's by now. */
static bool is_still_that(const struct kernel_segment *segment)
{
	struct shmid_ds state;
	return shmctl(segment->shmid, IPC_STAT, &state) == 0 && state.shm_cpid == segment->cpid &&
	       state.shm_ctime == segment->ctime;
}

void remains_remove(const struct ledger *ledger, const struct evidence *evidence)
{
	if (evidence->isolation == ISOLATION_PRIVATE)
		return;
	for (size_t i = 0; i < evidence->after.count; i++) {
		const struct kernel_segment *segment = &evidence->after.segments[i];
		if (!was_there(evidence, segment) && ledger_process_of_pid(ledger, segment->cpid) &&
		    is_still_that(segment))
			shmctl(segment->shmid, IPC_RMID, NULL);
	}
}
