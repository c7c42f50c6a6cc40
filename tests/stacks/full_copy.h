// SPDX-License-Identifier: MIT
// tests: all of a stack as it is at this moment, in the form of the library's sparse copies.
#ifndef SHMCHECK_TESTS_STACKS_FULL_COPY_H
#define SHMCHECK_TESTS_STACKS_FULL_COPY_H

#include "protocol/arena.h"
#include "shim/registers.h"

#include <check.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MODULES = 64 };

/* Where a thread's stacks are, by its own account. */
struct own_stacks {
	uintptr_t top; /* of the one that it was started with */
	uintptr_t alternate, alternate_bytes;
	uintptr_t left_at; /* on an alternate stack: where the other one was left; else 0 */
};

/* In an arena of its own: the modules, and behind them the one entry, which is written anew each time. */
struct full_copy {
	struct arena *arena;
	uint32_t modules[MODULES], module_count;
	uint64_t start[MODULES], end[MODULES], lowest, highest;
	uint32_t ref; /* the entry's */
};

static inline int full_copy_add_module(struct dl_phdr_info *info, size_t size, void *context)
{
	struct full_copy *copy = context;
	union {
		struct module_entry entry;
		char room[sizeof(struct module_entry) + 4096];
	} module = {.entry = {.base = info->dlpi_addr, .start = UINT64_MAX}};
	const char *path = info->dlpi_name;
	char program[4096];
	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
			continue;
		module.entry.start = start < module.entry.start ? start : module.entry.start;
		module.entry.end = end > module.entry.end ? end : module.entry.end;
	}
	if (!path[0])
		path = realpath("/proc/self/exe", program);
	if (path[0] != '/' || module.entry.end == 0) /* the vDSO has no file */
		return 0;
	ck_assert_uint_lt(copy->module_count, MODULES);
	module.entry.path_length = (uint32_t)strlen(path);
	memcpy(module.entry.path, path, module.entry.path_length);
	uint32_t length = (uint32_t)offsetof(struct module_entry, path) + module.entry.path_length;
	copy->start[copy->module_count] = module.entry.start;
	copy->end[copy->module_count] = module.entry.end;
	copy->modules[copy->module_count++] = arena_intern(copy->arena, ARENA_MODULE, &module, length);
	copy->lowest = module.entry.start < copy->lowest ? module.entry.start : copy->lowest;
	copy->highest = module.entry.end > copy->highest ? module.entry.end : copy->highest;
	return 0;
}

/* As they are loaded at this moment, by the dynamic linker's own list. */
static inline void full_copy_list_modules(struct full_copy *copy)
{
	copy->module_count = 0;
	copy->lowest = UINT64_MAX;
	copy->highest = 0;
	dl_iterate_phdr(full_copy_add_module, copy);
	copy->ref = (uint32_t)(copy->arena->used / 8);
}

/* Those that any word could lead to, code or not. */
static inline uint16_t full_copy_modules(const struct full_copy *copy, const uint64_t *words, uint32_t count,
					 uint32_t *refs)
{
	bool is_met[MODULES] = {false};
	uint16_t met = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (words[i] - copy->lowest > copy->highest - copy->lowest)
			continue;
		for (uint32_t m = 0; m < copy->module_count; m++)
			is_met[m] |= words[i] >= copy->start[m] && words[i] <= copy->end[m];
	}
	for (uint32_t m = 0; m < copy->module_count; m++)
		if (is_met[m])
			refs[met++] = copy->modules[m];
	return met;
}

static inline uint32_t full_copy_bytes(uint64_t from, uintptr_t end)
{
	return end - from > STACK_BYTES_MAX ? STACK_BYTES_MAX : (uint32_t)(end - from);
}

/* Word by word, and unwatched: a sanitizer would object to what lies between the program's variables. */
__attribute__((no_sanitize("address", "thread"))) static inline void
full_copy_words(volatile uint64_t *to, const volatile uint64_t *from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		to[i] = from[i];
}

/* All registers, and all words of the stack, or of both; leaf functions use 128 bytes below their stack pointer. */
static inline void full_copy_take(struct full_copy *copy, const struct registers *registers,
				  const struct own_stacks *stacks)
{
	static uint64_t words[STACK_SLOTS_MAX + 1];
	struct arena_entry *found = (struct arena_entry *)((char *)copy->arena + copy->ref * 8ull);
	struct stack_entry *entry = (struct stack_entry *)found->data;
	uint64_t sp = registers->value[REGISTER_SP];
	uintptr_t alternate_end = stacks->alternate + stacks->alternate_bytes;
	*entry = (struct stack_entry){.valid = 1u << 3 | 1u << 6 | 1u << 7 | 0xfu << 12 | 1u << 16};
	memcpy(entry->registers, registers->value, sizeof entry->registers);
	entry->bytes = full_copy_bytes(sp, stacks->left_at ? alternate_end : stacks->top);
	if (stacks->left_at) {
		entry->interrupted = stacks->left_at - 128;
		entry->interrupted_bytes = full_copy_bytes(entry->interrupted, stacks->top);
	}
	entry->words = (uint16_t)((entry->bytes + entry->interrupted_bytes) / 8);
	full_copy_words(words, (const uint64_t *)sp, entry->bytes / 8);
	full_copy_words(words + entry->bytes / 8, (const uint64_t *)entry->interrupted,
			entry->interrupted_bytes / 8);
	words[entry->words] = registers->value[REGISTER_PC];
	unsigned char *at = mempcpy(entry->rest, words, entry->words * 8u);
	entry->modules = full_copy_modules(copy, words, entry->words + 1u, (uint32_t *)at);
	at += entry->modules * 4u;
	for (uint16_t slot = 0; slot < entry->words; slot++, at += sizeof slot)
		memcpy(at, &slot, sizeof slot);
	found->kind = ARENA_STACK;
	found->length = (uint32_t)(at - (unsigned char *)entry);
}

#endif
