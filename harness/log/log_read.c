// SPDX-License-Identifier: MIT
// event log: the kept form, read; nothing in it is trusted.
#include "evidence_json.h"
#include "log.h"
#include "log_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* A reading under way. */
struct reader {
	const unsigned char *bytes;
	size_t length, at;
	log_sink *sink;
	void *context;
	struct log_content content;
	bool has_arena, has_evidence, has_end;
	char *why;
};

static int fail(struct reader *reader, int code, const char *what)
{
	snprintf(reader->why, 256, "%s at byte %zu", what, reader->at);
	return code;
}

static int read_records(struct reader *reader, const unsigned char *payload, size_t length)
{
	if (length % sizeof(struct record))
		return fail(reader, -EBADMSG, "a chunk of events has an odd length");
	for (size_t i = 0; i < length; i += sizeof(struct record)) {
		struct record record;
		memcpy(&record, payload + i, sizeof record);
		if (record.event >= EVENT_COUNT ||
		    (record.state != RECORD_BEGUN && record.state != RECORD_DONE))
			return fail(reader, -EBADMSG, "an event of no known kind");
		int code = reader->sink(reader->context, &record);
		if (code)
			return fail(reader, code, strerror(code < 0 ? -code : code));
		reader->content.records++;
	}
	return 0;
}

static int read_arena(struct reader *reader, const unsigned char *payload, size_t length)
{
	if (reader->has_arena || length < sizeof(struct arena))
		return fail(reader, -EBADMSG, "a second arena, or too small a one,");
	reader->content.arena = malloc(length);
	if (!reader->content.arena)
		return fail(reader, -ENOMEM, "no memory for the arena");
	memcpy(reader->content.arena, payload, length);
	reader->content.arena_size = length;
	reader->has_arena = true;
	return 0;
}

static int read_evidence(struct reader *reader, const unsigned char *payload, size_t length)
{
	if (reader->has_evidence)
		return fail(reader, -EBADMSG, "a second chunk of evidence");
	int code = evidence_from_json((const char *)payload, length, &reader->content.evidence);
	if (code)
		return fail(reader, code, "the evidence cannot be read");
	reader->has_evidence = true;
	return 0;
}

static int read_chunk(struct reader *reader)
{
	struct log_chunk chunk;
	if (reader->length - reader->at < sizeof chunk)
		return fail(reader, -ENODATA, "the log is torn: it ends");
	memcpy(&chunk, reader->bytes + reader->at, sizeof chunk);
	if (chunk.type < LOG_RECORDS || chunk.type > LOG_END)
		return fail(reader, -EBADMSG, "the log is damaged: no such chunk as the one");
	if (chunk.length > reader->length - reader->at - sizeof chunk)
		return fail(reader, -ENODATA, "the log is torn: it ends within the chunk");
	const unsigned char *payload = reader->bytes + reader->at + sizeof chunk;
	if (crc32_z(0, payload, chunk.length) != chunk.checksum)
		return fail(reader, -EBADMSG, "the log is damaged: a wrong checksum for the chunk");
	int code = 0;
	if (chunk.type == LOG_RECORDS)
		code = read_records(reader, payload, chunk.length);
	else if (chunk.type == LOG_ARENA)
		code = read_arena(reader, payload, chunk.length);
	else if (chunk.type == LOG_EVIDENCE)
		code = read_evidence(reader, payload, chunk.length);
	else
		reader->has_end = true;
	size_t step = sizeof chunk + ((chunk.length + 7) & ~(size_t)7);
	reader->at = step > reader->length - reader->at ? reader->length : reader->at + step;
	return code;
}

static int read_all(struct reader *reader)
{
	struct log_header header;
	if (reader->length < sizeof header || memcmp(reader->bytes, LOG_MAGIC, 8) != 0)
		return fail(reader, -EBADMSG, "not a shmcheck log: no magic number");
	memcpy(&header, reader->bytes, sizeof header);
	if (header.version != LOG_VERSION || header.record_size != sizeof(struct record))
		return fail(reader, -EPROTO, "a log of another version of shmcheck: wrong version");
	reader->at = sizeof header;
	while (!reader->has_end) {
		int code = read_chunk(reader);
		if (code)
			return code;
	}
	if (!reader->has_arena || !reader->has_evidence)
		return fail(reader, -EBADMSG, "the log is damaged: a part is missing");
	return 0;
}

int log_read_memory(const void *bytes, size_t length, log_sink *sink, void *context,
		    struct log_content *ret_content, char why[256])
{
	struct reader reader = {
	    .bytes = bytes, .length = length, .sink = sink, .context = context, .why = why};
	if (log_session_is(bytes, length))
		return log_session_read(bytes, length, sink, context, ret_content, why);
	int code = read_all(&reader);
	if (code)
		log_content_free(&reader.content);
	else
		*ret_content = reader.content;
	return code;
}

int log_read(const char *path, log_sink *sink, void *context, struct log_content *ret_content, char why[256])
{
	struct stat status = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), code = 0;
	if (fd < 0 || fstat(fd, &status))
		code = -errno;
	else if (!S_ISREG(status.st_mode))
		code = -EINVAL;
	void *bytes = NULL;
	if (!code && status.st_size) {
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		code = bytes == MAP_FAILED ? -errno : 0;
	}
	if (fd >= 0)
		close(fd);
	if (code) {
		snprintf(why, 256, "%s", code == -EINVAL ? "not a regular file" : strerror(-code));
		return code;
	}
	code = log_read_memory(bytes, (size_t)status.st_size, sink, context, ret_content, why);
	if (!code && log_session_is(bytes, (size_t)status.st_size))
		code =
		    log_session_writers(status.st_ino, bytes, (size_t)status.st_size, &ret_content->evidence);
	if (bytes)
		munmap(bytes, (size_t)status.st_size);
	return code;
}

void log_content_free(struct log_content *content)
{
	evidence_free(&content->evidence);
	free(content->arena);
	*content = (struct log_content){0};
}
