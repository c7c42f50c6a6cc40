// SPDX-License-Identifier: MIT
// explore: what a program printed, compared without the lines that differ by themselves.
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

/* The line at *POSITION, its newline included; moves *POSITION behind it. */
static size_t next_line(const struct output *output, size_t *position, const char **ret_line)
{
	const char *begin = output->bytes + *position;
	size_t left = output->length - *position;
	const char *newline = left ? memchr(begin, '\n', left) : NULL;
	size_t length = newline ? (size_t)(newline - begin) + 1 : left;
	*ret_line = begin;
	*position += length;
	return length;
}

static size_t count_lines(const struct output *output)
{
	const char *line;
	size_t count = 0, position = 0;
	while (next_line(output, &position, &line))
		count++;
	return count;
}

int output_mask_make(const struct output *a, const struct output *b, struct output_mask *ret_mask)
{
	size_t lines_a = count_lines(a), lines_b = count_lines(b);
	size_t count = lines_a < lines_b ? lines_a : lines_b;
	bool *lines = calloc(count + 1, sizeof *lines);
	if (!lines)
		return -ENOMEM;
	size_t at_a = 0, at_b = 0;
	for (size_t i = 0; i < count; i++) {
		const char *line_a, *line_b;
		size_t length_a = next_line(a, &at_a, &line_a), length_b = next_line(b, &at_b, &line_b);
		lines[i] = length_a != length_b || memcmp(line_a, line_b, length_a) != 0;
	}
	*ret_mask = (struct output_mask){lines, count, lines_a != lines_b};
	return 0;
}

uint64_t output_hash(const struct output *output, const struct output_mask *mask)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	size_t position = 0, length;
	const char *line;
	for (size_t i = 0; (length = next_line(output, &position, &line)) > 0; i++) {
		if (mask && (i < mask->count ? mask->lines[i] : mask->rest))
			continue;
		for (size_t k = 0; k < length; k++)
			hash = (hash ^ (unsigned char)line[k]) * 1099511628211u;
		hash = (hash ^ i) * 1099511628211u;
	}
	return hash;
}

void output_free(struct output *output)
{
	free(output->bytes);
	*output = (struct output){0};
}

void output_mask_free(struct output_mask *mask)
{
	free(mask->lines);
	*mask = (struct output_mask){0};
}
