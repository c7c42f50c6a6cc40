// SPDX-License-Identifier: MIT
// fuzz: a kept log of any bytes, read, judged and reported.
#include "tests/fuzz/judge.h"

#include "harness/log/log.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *context, const struct record *record)
{
	return ledger_apply(context, record);
}

/* Most mutations would end at a checksum: all but every fourth input gets right ones. */
static void mend(unsigned char *bytes, size_t size)
{
	struct log_chunk chunk;
	for (size_t at = sizeof(struct log_header); at + sizeof chunk <= size;) {
		memcpy(&chunk, bytes + at, sizeof chunk);
		size_t left = size - at - sizeof chunk;
		if (chunk.length > left)
			return;
		chunk.checksum = (uint32_t)crc32(0, bytes + at + sizeof chunk, (uInt)chunk.length);
		memcpy(bytes + at, &chunk, sizeof chunk);
		at += sizeof chunk + (chunk.length + 7) / 8 * 8;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct log_content content = {0};
	char why[256];
	unsigned char *bytes = malloc(size ? size : 1);
	struct ledger *ledger = ledger_new();
	memcpy(bytes, data, size);
	if (size == 0 || data[size - 1] % 4)
		mend(bytes, size);
	if (log_read_memory(bytes, size, take, ledger, &content, why) == 0)
		judge_and_report(ledger, &content.evidence, content.arena, content.arena_size);
	log_content_free(&content);
	ledger_free(ledger);
	free(bytes);
	return 0;
}
