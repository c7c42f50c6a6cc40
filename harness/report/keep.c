// SPDX-License-Identifier: MIT
// report: memory that lives as long as a report: given out piece by piece, freed at once.
#include "keep.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 65536 };

struct keep_block {
	struct keep_block *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct keep_block *add_block(struct keep *keep, size_t size)
{
	struct keep_block *block = calloc(1, sizeof *block + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = keep->blocks;
	keep->blocks = block;
	return block;
}

void *keep_bytes(struct keep *keep, size_t size)
{
	struct keep_block *block = keep->blocks;
	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!block || block->size - block->used < size)
		block = add_block(keep, size > BLOCK_BYTES ? size : BLOCK_BYTES);
	if (!block) {
		keep->no_memory = true;
		return NULL;
	}
	block->used += size;
	return block->bytes + block->used - size;
}

const char *keep_copy(struct keep *keep, const char *bytes, size_t length)
{
	char *copy = keep_bytes(keep, length + 1);
	return copy ? memcpy(copy, bytes, length) : "";
}

const char *keep_string(struct keep *keep, const char *text)
{
	return text ? keep_copy(keep, text, strlen(text)) : NULL;
}

const char *keep_print(struct keep *keep, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0) {
		keep->no_memory = true;
		return "";
	}
	const char *kept = keep_copy(keep, text, (size_t)length);
	free(text);
	return kept;
}

const char *const *keep_argv(struct keep *keep, const char *const *argv)
{
	size_t count = 0;
	while (argv && argv[count])
		count++;
	const char **copy = argv ? keep_bytes(keep, (count + 1) * sizeof *copy) : NULL;
	for (size_t i = 0; copy && i < count; i++)
		copy[i] = keep_string(keep, argv[i]);
	return copy;
}

void keep_free(struct keep *keep)
{
	while (keep->blocks) {
		struct keep_block *next = keep->blocks->next;
		free(keep->blocks);
		keep->blocks = next;
	}
	*keep = (struct keep){0};
}
