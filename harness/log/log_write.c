// SPDX-License-Identifier: MIT
// event log: the kept form, written.
#include "evidence_json.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

struct log_writer {
	int fd;
	int error; /* the first one */
};

static void put(struct log_writer *writer, const void *bytes, size_t length)
{
	for (const char *next = bytes; length && !writer->error;) {
		ssize_t done = write(writer->fd, next, length);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			writer->error = done < 0 ? -errno : -EIO;
			return;
		}
		next += done;
		length -= (size_t)done;
	}
}

static void put_chunk(struct log_writer *writer, enum log_chunk_type type, const void *bytes, size_t length)
{
	static const char padding[8];
	struct log_chunk chunk = {type, (uint32_t)crc32_z(0, bytes, length), length};
	put(writer, &chunk, sizeof chunk);
	put(writer, bytes, length);
	put(writer, padding, (8 - length % 8) % 8);
}

/* A pipe that nobody reads is an error (ENXIO), nothing to wait for. */
static int open_without_waiting(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

int log_writer_open(const char *path, struct log_writer **ret_writer)
{
	struct log_header header = {LOG_MAGIC, LOG_VERSION, sizeof(struct record)};
	struct log_writer *writer = calloc(1, sizeof *writer);
	if (!writer)
		return -ENOMEM;
	writer->fd = open_without_waiting(path);
	if (writer->fd < 0)
		writer->error = -errno;
	else
		put(writer, &header, sizeof header);
	int code = writer->error;
	if (code)
		log_writer_free(writer);
	else
		*ret_writer = writer;
	return code;
}

int log_writer_records(struct log_writer *writer, const struct record *records, size_t count)
{
	if (count && !writer->error)
		put_chunk(writer, LOG_RECORDS, records, count * sizeof *records);
	return writer->error;
}

int log_writer_finish(struct log_writer *writer, const struct arena *arena, uint64_t arena_size,
		      const struct evidence *evidence)
{
	char *json = evidence_to_json(evidence);
	if (!json)
		return -ENOMEM;
	put_chunk(writer, LOG_ARENA, arena, arena_size);
	put_chunk(writer, LOG_EVIDENCE, json, strlen(json));
	put_chunk(writer, LOG_END, "", 0);
	free(json);
	return writer->error;
}

void log_writer_free(struct log_writer *writer)
{
	if (writer && writer->fd >= 0)
		close(writer->fd);
	free(writer);
}
