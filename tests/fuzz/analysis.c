// SPDX-License-Identifier: MIT
// fuzz: any course of events, any end, and an arena of any bytes: the ledger, the verdict, stacks and reports.
#include "tests/fuzz/judge.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_ROOM = 4096, EVENT_BYTES = 12, TABLE_MOST = 8 };

/* Few different ids, addresses and processes, so that they meet. */
static struct record event_of(const uint8_t *bytes, uint64_t *time)
{
	static const int64_t odd[] = {0, 1, -1, 0x5e1f, INT64_MAX, INT64_MIN, 0x7f0000000000, 4096};
	struct record record = {.state = bytes[0] & 1 ? RECORD_BEGUN : RECORD_DONE,
				.event = (uint16_t)(bytes[0] / 2 % EVENT_COUNT),
				.flags = (uint16_t)(bytes[1] | (bytes[2] & 3) << 8)};
	*time += bytes[2] / 4;
	record.begin_ns = *time + 1;
	record.end_ns = record.state == RECORD_DONE ? record.begin_ns + bytes[3] : 0;
	record.process = bytes[4] % 4;
	record.image = bytes[4] / 4 % 3;
	record.pid = bytes[4] / 16 % 8;
	record.tid = record.pid;
	for (unsigned i = 0; i < 3; i++)
		record.args[i] = bytes[5 + i] < 128 ? (uint64_t)odd[bytes[5 + i] % 8] : bytes[5 + i] % 16;
	record.result = bytes[8] < 64 ? odd[bytes[8] % 8] : bytes[8] % 16;
	record.error = bytes[9] % 40;
	record.stack = bytes[10] ? (uint32_t)(sizeof(struct arena) / 8 + bytes[10]) : 0;
	record.text = bytes[11] ? (uint32_t)(sizeof(struct arena) / 8 + bytes[11]) : 0;
	record.detail[0] = bytes[9] / 40 * 4096;
	return record;
}

/* What the kernel, the processes and the crashes say. */
static void end_of(const uint8_t *bytes, size_t size, struct evidence *evidence)
{
	struct kernel_table *after = &evidence->after;
	after->segments = calloc(TABLE_MOST, sizeof *after->segments);
	for (size_t i = 0; i + 4 <= size && after->count < TABLE_MOST; i += 4) {
		struct crash crash = {.pid = bytes[i] % 8,
				      .signal = 11,
				      .has_address = true,
				      .address = (uint64_t)(int8_t)bytes[i + 1] * 512,
				      .stack = (uint32_t)(sizeof(struct arena) / 8 + bytes[i + 2])};
		after->segments[after->count++] = (struct kernel_segment){.key = bytes[i] % 4,
									  .shmid = bytes[i + 1] % 16,
									  .mode = (unsigned)bytes[i + 2] << 2,
									  .bytes = 4096,
									  .cpid = bytes[i + 3] % 8,
									  .nattch = bytes[i + 3] / 128};
		if (bytes[i + 3] & 8)
			evidence_add_crash(evidence, &crash);
	}
	evidence->program_pid = 1;
	evidence->program_status = size ? bytes[0] : 0;
	evidence->timed_out = size > 1 && bytes[1] & 1;
	evidence->isolation = size > 2 && bytes[2] & 1 ? ISOLATION_NONE : ISOLATION_PRIVATE;
}

/* The first two bytes say how much is arena, and how much is about the end; the rest are events. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	size_t arena_bytes = data[0] * 8U, end_bytes = data[1] % (4 * TABLE_MOST), at = 2;
	uint64_t arena_size = sizeof(struct arena) + ARENA_ROOM, time = 1;
	struct arena *arena = calloc(1, arena_size);
	struct evidence evidence = {0};
	struct ledger *ledger = ledger_new();
	arena_init(arena, arena_size);
	if (arena_bytes > size - at)
		arena_bytes = size - at;
	memcpy(arena + 1, data + at, arena_bytes);
	at += arena_bytes;
	if (end_bytes > size - at)
		end_bytes = size - at;
	end_of(data + at, end_bytes, &evidence);
	at += end_bytes;
	for (; at + EVENT_BYTES <= size; at += EVENT_BYTES) {
		struct record record = event_of(data + at, &time);
		if (ledger_apply(ledger, &record))
			break;
	}
	judge_and_report(ledger, &evidence, arena, arena_size);
	evidence_free(&evidence);
	ledger_free(ledger);
	free(arena);
	return 0;
}
