// SPDX-License-Identifier: MIT
// analysis: memory of the ledger: objects in chunks with a free list, tables of few entries, and arrays that grow.
#include "ledger_book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_OBJECTS = 64 };

struct link {
	struct link *next;
};

static int add_chunk(struct pool *pool)
{
	char *chunk = malloc(sizeof(struct link) * 2 + pool->size * CHUNK_OBJECTS);
	struct link *link = (struct link *)chunk;

	if (!chunk)
		return -ENOMEM;
	link->next = pool->chunks;
	pool->chunks = link;
	pool->fresh = chunk + sizeof(struct link) * 2;
	pool->fresh_count = CHUNK_OBJECTS;
	return 0;
}

void *pool_take(struct pool *pool)
{
	void *object = pool->free;

	if (object) {
		pool->free = ((struct link *)object)->next;
		return memset(object, 0, pool->size);
	}
	if (!pool->fresh_count && add_chunk(pool) < 0)
		return NULL;
	object = pool->fresh;
	pool->fresh += pool->size;
	pool->fresh_count--;
	return memset(object, 0, pool->size);
}

void pool_give(struct pool *pool, void *object)
{
	struct link *link = object;

	link->next = pool->free;
	pool->free = link;
}

void pool_free(struct pool *pool)
{
	struct link *next;

	for (struct link *chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*pool = (struct pool){.size = pool->size};
}

void *table_look(const struct table *table, size_t index)
{
	char *chunk = table->chunks[index / TABLE_CHUNK];

	return chunk ? chunk + index % TABLE_CHUNK * table->size : NULL;
}

void *table_take(struct table *table, size_t index)
{
	void **chunk = &table->chunks[index / TABLE_CHUNK];

	if (!*chunk)
		*chunk = calloc(TABLE_CHUNK, table->size);
	return table_look(table, index);
}

void table_free(struct table *table)
{
	for (size_t i = 0; i < FACTS_KEPT / TABLE_CHUNK; i++)
		free(table->chunks[i]);
}

int array_reserve(void **array, size_t count, size_t *capacity, size_t size)
{
	size_t larger = *capacity ? *capacity * 2 : 16;
	void *moved;

	if (count < *capacity)
		return 0;
	moved = realloc(*array, larger * size);
	if (!moved)
		return -ENOMEM;
	*array = moved;
	*capacity = larger;
	return 0;
}
