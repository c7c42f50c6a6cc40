// SPDX-License-Identifier: MIT
// protocol: the append-only store of strings, modules and stacks that records refer to.
#include "arena.h"

#include <string.h>

enum { UNIT = 8, PROBES = 256 };

static uint64_t hash_bytes(enum arena_kind kind, const unsigned char *data, uint32_t length)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ kind;
	uint64_t word;
	for (; length >= sizeof word; data += sizeof word, length -= sizeof word) {
		memcpy(&word, data, sizeof word);
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	for (; length; data++, length--)
		hash = (hash ^ *data) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

static uint64_t entry_size(uint32_t length)
{
	return (sizeof(struct arena_entry) + (uint64_t)length + UNIT - 1) / UNIT * UNIT;
}

void arena_init(struct arena *arena, uint64_t size)
{
	arena->size = size;
	arena->used = (sizeof *arena + UNIT - 1) / UNIT * UNIT;
}

const struct arena_entry *arena_get(const struct arena *arena, uint64_t size, uint32_t ref,
				    enum arena_kind kind)
{
	uint64_t offset = (uint64_t)ref * UNIT;
	if (offset < sizeof *arena || offset > size || size - offset < sizeof(struct arena_entry))
		return NULL;
	const struct arena_entry *entry = (const struct arena_entry *)((const char *)arena + offset);
	if (entry->kind != (uint32_t)kind || size - offset - sizeof *entry < entry->length)
		return NULL;
	return entry;
}

const struct stack_entry *arena_stack(const struct arena *arena, uint64_t size, uint32_t ref)
{
	const struct arena_entry *found = arena_get(arena, size, ref, ARENA_STACK);
	const struct stack_entry *stack = found ? (const struct stack_entry *)found->data : NULL;
	if (!stack || found->length < sizeof *stack || stack->bytes > STACK_BYTES_MAX ||
	    stack->interrupted_bytes > STACK_BYTES_MAX || stack->words > STACK_SLOTS_MAX ||
	    found->length - sizeof *stack < stack->words * 10u + stack->modules * 4u)
		return NULL;
	return stack;
}

const struct module_entry *arena_module(const struct arena *arena, uint64_t size, uint32_t ref)
{
	const struct arena_entry *found = arena_get(arena, size, ref, ARENA_MODULE);
	const struct module_entry *module = found ? (const struct module_entry *)found->data : NULL;
	size_t header = offsetof(struct module_entry, path);
	if (!module || found->length < header || found->length - header < module->path_length ||
	    module->build_id_length > sizeof module->build_id || module->start > module->end)
		return NULL;
	return module;
}

static int is_same(const struct arena_entry *entry, uint64_t hash, enum arena_kind kind, const void *data,
		   uint32_t length)
{
	return entry && entry->hash == hash && entry->kind == (uint32_t)kind && entry->length == length &&
	       memcmp(entry->data, data, length) == 0;
}

int arena_has_room(const struct arena *arena, uint32_t length)
{
	uint64_t used = __atomic_load_n(&arena->used, __ATOMIC_RELAXED);
	return used + entry_size(length) <= __atomic_load_n(&arena->size, __ATOMIC_RELAXED);
}

/* A new entry, not yet to be found by anybody; 0 when there is no room. */
static uint32_t append(struct arena *arena, enum arena_kind kind, uint64_t hash, const void *data,
		       uint32_t length)
{
	uint64_t size = entry_size(length), end = __atomic_load_n(&arena->size, __ATOMIC_RELAXED);
	if (__atomic_load_n(&arena->used, __ATOMIC_RELAXED) + size > end)
		return 0;
	uint64_t offset = __atomic_fetch_add(&arena->used, size, __ATOMIC_RELAXED);
	if (offset % UNIT || offset > end || end - offset < size || offset / UNIT > UINT32_MAX)
		return 0;
	struct arena_entry *entry = (struct arena_entry *)((char *)arena + offset);
	entry->kind = kind;
	entry->length = length;
	entry->hash = hash;
	memcpy(entry->data, data, length);
	return (uint32_t)(offset / UNIT);
}

uint32_t arena_try_intern(struct arena *arena, enum arena_kind kind, const void *data, uint32_t length)
{
	uint64_t hash = hash_bytes(kind, data, length);
	uint32_t mine = 0;
	for (uint64_t i = 0; i < PROBES; i++) {
		uint32_t *slot = &arena->slots[(hash + i) % ARENA_SLOTS];
		uint32_t ref = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
		if (ref == 0) {
			if (!mine)
				mine = append(arena, kind, hash, data, length);
			if (!mine)
				break;
			if (__atomic_compare_exchange_n(slot, &ref, mine, 0, __ATOMIC_RELEASE,
							__ATOMIC_ACQUIRE))
				return mine;
		}
		if (is_same(arena_get(arena, __atomic_load_n(&arena->size, __ATOMIC_RELAXED), ref, kind),
			    hash, kind, data, length))
			return ref;
	}
	return 0;
}

uint32_t arena_intern(struct arena *arena, enum arena_kind kind, const void *data, uint32_t length)
{
	uint32_t ref = arena_try_intern(arena, kind, data, length);
	if (!ref)
		__atomic_fetch_add(&arena->lost, 1, __ATOMIC_RELAXED);
	return ref;
}
