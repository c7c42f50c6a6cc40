// SPDX-License-Identifier: MIT
// launch: the stack of a crash, copied from a stopped thread in the form that the shim uses.
#include "crash_stack.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { REGISTER_SP = 7, REGISTER_PC = 16, MODULES_MAX = 64 };

/* Saved by a callee, so that a frame may be found from them. The others hold the program's data. */
static const uint8_t kept_registers[] = {3, 6, 12, 13, 14, 15};

/* Code from a file. */
struct mapping {
	uint64_t start, end, offset;
	char path[PATH_MAX];
};

struct crash_stack {
	uint64_t registers[STACK_REGISTERS];
	uint32_t bytes;
	uint64_t words[STACK_WORDS_MAX];
	struct mapping *mappings;
	size_t mapping_count;
};

/* What is put together for the arena. */
struct draft {
	const struct crash_stack *stack;
	struct arena *arena;
	struct stack_entry *entry;
	uint16_t slots[STACK_WORDS_MAX];
	uint64_t words[STACK_WORDS_MAX];
	uint32_t modules[MODULES_MAX];
	const struct mapping *seen[MODULES_MAX];
};

/* proc_pid_maps(5): "start-end perms offset dev inode path" */
static bool parse_mapping(const char *line, struct mapping *mapping)
{
	char permissions[5];
	int at = 0;
	if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %n", &mapping->start, &mapping->end, permissions,
		   &mapping->offset, &at) < 4)
		return false;
	snprintf(mapping->path, sizeof mapping->path, "%.*s", (int)strcspn(line + at, "\n"), line + at);
	return permissions[2] == 'x' && mapping->path[0] == '/';
}

static void read_mappings(struct crash_stack *stack, pid_t tid)
{
	char path[32], line[PATH_MAX + 128];
	struct mapping mapping;
	snprintf(path, sizeof path, "/proc/%d/maps", tid);
	FILE *stream = fopen(path, "re");
	while (stream && fgets(line, sizeof line, stream)) {
		if (!parse_mapping(line, &mapping))
			continue;
		struct mapping *more = realloc(stack->mappings, (stack->mapping_count + 1) * sizeof *more);
		if (!more)
			break;
		stack->mappings = more;
		more[stack->mapping_count++] = mapping;
	}
	if (stream)
		fclose(stream);
}

struct crash_stack *crash_stack_copy(pid_t tid, const uint64_t registers[STACK_REGISTERS])
{
	struct crash_stack *stack = calloc(1, sizeof *stack);
	if (!stack)
		return NULL;
	memcpy(stack->registers, registers, sizeof stack->registers);
	struct iovec local = {stack->words, sizeof stack->words};
	struct iovec remote = {(void *)(uintptr_t)registers[REGISTER_SP], sizeof stack->words};
	ssize_t got = registers[REGISTER_SP] % 8 ? 0 : process_vm_readv(tid, &local, 1, &remote, 1, 0);
	stack->bytes = got > 0 ? (uint32_t)got & ~7U : 0;
	read_mappings(stack, tid);
	return stack;
}

void crash_stack_free(struct crash_stack *stack)
{
	if (stack)
		free(stack->mappings);
	free(stack);
}

/* Where the file's code lies, from the part of it that MAPPING shows. */
static bool place(Elf *elf, const struct mapping *mapping, struct module_entry *module)
{
	size_t count = 0;
	bool is_found = false;
	GElf_Phdr header;
	elf_getphdrnum(elf, &count);
	for (size_t i = 0; i < count && gelf_getphdr(elf, (int)i, &header); i++) {
		if (header.p_type != PT_LOAD || !(header.p_flags & PF_X) ||
		    mapping->offset + 4095 < header.p_offset ||
		    mapping->offset >= header.p_offset + header.p_filesz)
			continue;
		module->base = mapping->start - header.p_vaddr + header.p_offset - mapping->offset;
		module->start = module->base + header.p_vaddr;
		module->end = module->start + header.p_memsz;
		is_found = true;
	}
	return is_found;
}

static uint32_t intern_module(struct arena *arena, const struct mapping *mapping)
{
	union {
		struct module_entry entry;
		unsigned char room[sizeof(struct module_entry) + PATH_MAX];
	} module = {.entry = {.path_length = (uint32_t)strlen(mapping->path)}};
	const void *id;
	uint32_t ref = 0;
	int fd = open(mapping->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	elf_version(EV_CURRENT);
	Elf *elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	if (elf && elf_kind(elf) == ELF_K_ELF && place(elf, mapping, &module.entry)) {
		ssize_t length = dwelf_elf_gnu_build_id(elf, &id);
		if (length > 0 && (size_t)length <= sizeof module.entry.build_id) {
			module.entry.build_id_length = (uint32_t)length;
			memcpy(module.entry.build_id, id, (size_t)length);
		}
		memcpy(module.entry.path, mapping->path, module.entry.path_length);
		ref = arena_intern(arena, ARENA_MODULE, &module,
				   (uint32_t)offsetof(struct module_entry, path) + module.entry.path_length);
	}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return ref;
}

/* Whether VALUE lies in code; its module then belongs to the list. */
static bool is_code(struct draft *draft, uint64_t value)
{
	const struct crash_stack *stack = draft->stack;
	const struct mapping *mapping = NULL;
	for (size_t i = 0; i < stack->mapping_count && !mapping; i++)
		if (value >= stack->mappings[i].start && value < stack->mappings[i].end)
			mapping = &stack->mappings[i];
	for (unsigned i = 0; mapping && i < draft->entry->modules; i++)
		if (draft->seen[i] == mapping)
			return true;
	if (!mapping || draft->entry->modules == MODULES_MAX)
		return false;
	uint32_t ref = intern_module(draft->arena, mapping);
	if (!ref)
		return false;
	draft->seen[draft->entry->modules] = mapping;
	draft->modules[draft->entry->modules++] = ref;
	return true;
}

static bool is_in_view(const struct crash_stack *stack, uint64_t value)
{
	return value - stack->registers[REGISTER_SP] < stack->bytes;
}

static void keep_registers(struct draft *draft)
{
	const struct crash_stack *stack = draft->stack;
	struct stack_entry *entry = draft->entry;
	entry->registers[REGISTER_PC] = stack->registers[REGISTER_PC];
	entry->registers[REGISTER_SP] = stack->registers[REGISTER_SP];
	entry->valid = 1U << REGISTER_PC | 1U << REGISTER_SP;
	for (unsigned i = 0; i < sizeof kept_registers; i++) {
		unsigned number = kept_registers[i];
		if (!is_in_view(stack, stack->registers[number]))
			continue;
		entry->registers[number] = stack->registers[number];
		entry->valid |= 1U << number;
	}
}

uint32_t crash_stack_intern(const struct crash_stack *stack, struct arena *arena)
{
	enum { ROOM = sizeof(struct stack_entry) + STACK_WORDS_MAX * 10 + MODULES_MAX * 4 };
	struct draft *draft = calloc(1, sizeof *draft);
	struct stack_entry *entry = calloc(1, ROOM);
	uint32_t ref = 0;
	if (draft && entry) {
		*draft = (struct draft){.stack = stack, .arena = arena, .entry = entry};
		entry->bytes = stack->bytes;
		entry->flags = stack->bytes == STACK_BYTES_MAX ? STACK_TRUNCATED : 0;
		keep_registers(draft);
		is_code(draft, stack->registers[REGISTER_PC]);
		for (uint32_t i = 0; i < stack->bytes / 8; i++) {
			if (!is_in_view(stack, stack->words[i]) && !is_code(draft, stack->words[i]))
				continue;
			draft->words[entry->words] = stack->words[i];
			draft->slots[entry->words++] = (uint16_t)i;
		}
		unsigned char *at = mempcpy(entry->rest, draft->words, entry->words * sizeof *draft->words);
		at = mempcpy(at, draft->modules, entry->modules * sizeof *draft->modules);
		at = mempcpy(at, draft->slots, entry->words * sizeof *draft->slots);
		ref = arena_intern(arena, ARENA_STACK, entry, (uint32_t)(at - (unsigned char *)entry));
	}
	free(draft);
	free(entry);
	return ref;
}
