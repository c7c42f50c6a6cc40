// SPDX-License-Identifier: MIT
// explore: what a program printed, as lines.
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int output_read(int fd, struct output *ret_output)
{
	struct stat status;
	if (fstat(fd, &status))
		return -errno;
	size_t most = status.st_size < OUTPUT_MOST ? (size_t)status.st_size : OUTPUT_MOST;
	struct output output = {malloc(most + 1), 0};
	if (!output.bytes)
		return -ENOMEM;
	while (output.length < most) {
		ssize_t got =
		    pread(fd, output.bytes + output.length, most - output.length, (off_t)output.length);
		if (got <= 0)
			break;
		output.length += (size_t)got;
	}
	*ret_output = output;
	return 0;
}

static size_t line_length(const char *begin, size_t left)
{
	const char *newline = memchr(begin, '\n', left);
	return newline ? (size_t)(newline - begin) + 1 : left;
}

static uint64_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 1099511628211u;
	return hash < 2 ? hash + 2 : hash;
}

static size_t count_lines(const struct output *output)
{
	size_t count = 0;
	for (size_t at = 0; at < output->length && count < OUTPUT_LINES; count++)
		at += line_length(output->bytes + at, output->length - at);
	return count;
}

int output_split(const struct output *output, struct output_lines *ret_lines)
{
	size_t count = count_lines(output), at = 0;
	uint64_t *list = malloc((count + 1) * sizeof *list);
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const char *begin = output->bytes + at;
		size_t left = output->length - at;
		size_t length = i + 1 < OUTPUT_LINES ? line_length(begin, left) : left;
		list[i] = hash_bytes(begin, length);
		at += length;
	}
	*ret_lines = (struct output_lines){list, count};
	return 0;
}

void output_free(struct output *output)
{
	free(output->bytes);
	*output = (struct output){0};
}
