// SPDX-License-Identifier: MIT
// event log: the kept form: events, arena and evidence in one file of chunks.
#ifndef SHMCHECK_HARNESS_LOG_LOG_H
#define SHMCHECK_HARNESS_LOG_LOG_H

#include "harness/analyze/evidence.h"
#include "protocol/arena.h"
#include "protocol/record.h"

#include <stddef.h>
#include <stdint.h>

/* The file: a struct log_header, then chunks, each a struct log_chunk and LENGTH bytes padded to 8.
 * RECORDS chunks come as the run goes on (sorted by begin_ns over the whole file), then ARENA, EVIDENCE (JSON), END.
 * A file without END is torn. Byte order and layout are the machine's own; the magic tells. */
#define LOG_MAGIC "SHMCHKLG"
enum { LOG_VERSION = 2 };
enum log_chunk_type { LOG_RECORDS = 1, LOG_ARENA, LOG_EVIDENCE, LOG_END };
struct log_header {
	char magic[8];
	uint32_t version, record_size;
};
struct log_chunk {
	uint32_t type;
	uint32_t checksum; /* of the payload (CRC-32) */
	uint64_t length;
};

struct log_writer;

/* Creates FILE (truncating). Returns 0 or -errno. */
int log_writer_open(const char *path, struct log_writer **ret_writer);
/* Each returns 0 or -errno; after a failure the later ones do nothing and return it again. */
int log_writer_records(struct log_writer *writer, const struct record *records, size_t count);
int log_writer_finish(struct log_writer *writer, const struct arena *arena, uint64_t arena_size,
		      const struct evidence *evidence);
/* Closes in any state. */
void log_writer_free(struct log_writer *writer);

typedef int log_sink(void *context, const struct record *record); /* 0, or non-zero to stop with it */

struct log_content {
	struct arena *arena; /* owned */
	uint64_t arena_size;
	struct evidence evidence;
	uint64_t records; /* how many there were */
};

/* Reads FILE, handing each record to SINK in order. On failure returns -errno (-EBADMSG: not a log, or damaged;
 * -ENODATA: torn, everything up to there was handed over; -EPROTO: another version) and puts a sentence with
 * what and where (byte offset) into WHY. A session file that the library wrote without the harness
 * is read as well: log_session.h. */
int log_read(const char *path, log_sink *sink, void *context, struct log_content *ret_content, char why[256]);

/* The same from LENGTH bytes in memory: for tests and the fuzzer. */
int log_read_memory(const void *bytes, size_t length, log_sink *sink, void *context,
		    struct log_content *ret_content, char why[256]);
void log_content_free(struct log_content *content);

#endif
