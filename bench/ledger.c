// SPDX-License-Identifier: MIT
// bench: millions of events a second that the ledger reads: lives of segments, by several processes.
#include "harness/analyze/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <time.h>

enum { LIVES = 400000, PROCESSES = 16, CALLS = 5 };

static struct record call_of(uint64_t number)
{
	uint64_t life = number / CALLS, address = 0x7f0000000000 + life % PROCESSES * 65536;
	struct record record = {.state = RECORD_DONE,
				.begin_ns = 10 * number + 1,
				.end_ns = 10 * number + 6,
				.process = (uint32_t)(life % PROCESSES) + 1,
				.pid = (int32_t)(life % PROCESSES) + 100,
				.stack = 5000 + (uint32_t)(number % CALLS)};
	uint64_t id = life % 32768;
	switch (number % CALLS) {
	case 0:
		record.event = CALL_SHMGET;
		record.flags = RECORD_CREATED;
		record.args[1] = 4096;
		record.args[2] = 0600;
		record.result = (int64_t)id;
		break;
	case 1:
		record.event = CALL_SHMAT;
		record.args[0] = id;
		record.result = (int64_t)address;
		record.detail[0] = 4096;
		break;
	case 2:
		record.event = CALL_SHMCTL;
		record.args[0] = id;
		record.args[1] = IPC_STAT;
		break;
	case 3:
		record.event = CALL_SHMDT;
		record.args[0] = address;
		break;
	default:
		record.event = CALL_SHMCTL;
		record.args[0] = id;
		record.args[1] = IPC_RMID;
	}
	return record;
}

int main(void)
{
	size_t count = (size_t)LIVES * CALLS;
	struct record *records = malloc(count * sizeof *records);
	struct ledger *ledger = ledger_new();
	struct timespec begin, end;
	if (!records || !ledger)
		return 1;
	for (size_t i = 0; i < count; i++)
		records[i] = call_of(i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (size_t i = 0; i < count; i++)
		if (ledger_apply(ledger, &records[i]))
			return 1;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	double seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("%.1f\n", (double)count / seconds / 1e6);
	ledger_free(ledger);
	free(records);
	return 0;
}
