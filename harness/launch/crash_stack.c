// SPDX-License-Identifier: MIT
// launch: the stack of a crash, copied from a stopped thread in the form that the shim uses.
#include "crash_stack.h"

#include "protocol/signal_frame.h"

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

enum { REGISTER_SP = 7, REGISTER_PC = 16, MODULES_MAX = 64, PAGE = 4096 };

/* Saved by a callee, so that a frame may be found from them. The others hold the program's data. */
static const uint8_t kept_registers[] = {3, 6, 12, 13, 14, 15};

/* Code from a file. */
struct mapping {
	uint64_t start, end, offset;
	char path[PATH_MAX];
};

/* A part of a stack: BYTES, from START on. */
struct part {
	uint64_t start;
	uint32_t bytes;
	uint64_t words[STACK_WORDS_MAX];
};

struct crash_stack {
	uint64_t registers[STACK_REGISTERS];
	struct part top; /* from the stack pointer on */
	struct signal_frame frame; /* by which a handler on an alternate stack left another one */
	struct part interrupted; /* of that one; no bytes: there is none */
	struct mapping *mappings;
	size_t mapping_count;
};

/* What is put together for the arena. */
struct draft {
	const struct crash_stack *stack;
	struct arena *arena;
	struct stack_entry *entry;
	uint16_t slots[STACK_SLOTS_MAX];
	uint64_t words[STACK_SLOTS_MAX];
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

static const struct mapping *find_mapping(const struct crash_stack *stack, uint64_t address)
{
	for (size_t i = 0; i < stack->mapping_count; i++)
		if (address >= stack->mappings[i].start && address < stack->mappings[i].end)
			return &stack->mappings[i];
	return NULL;
}

static size_t read_memory(pid_t tid, uint64_t address, void *bytes, size_t size)
{
	struct iovec local = {bytes, size}, remote = {(void *)(uintptr_t)address, size};
	ssize_t got = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	return got > 0 ? (size_t)got : 0;
}

/* A stack that overflowed begins further up than its stack pointer says, by the page or by the frame that there was no room
 * for; what is missing reads as 0. */
static void read_overflowed(pid_t tid, struct part *part)
{
	uint32_t missing = PAGE - (uint32_t)(part->start % PAGE);
	size_t got = 0;
	for (; missing < sizeof part->words; missing += PAGE) {
		got = read_memory(tid, part->start + missing, part->words + missing / 8,
				  sizeof part->words - missing);
		if (got)
			break;
	}
	part->bytes = got ? missing + ((uint32_t)got & ~7U) : 0;
}

static void read_part(pid_t tid, uint64_t start, struct part *part)
{
	*part = (struct part){.start = start};
	if (start % 8)
		return;
	part->bytes = (uint32_t)read_memory(tid, start, part->words, sizeof part->words) & ~7U;
	if (!part->bytes)
		read_overflowed(tid, part);
}

/* Where the program was when the handler was called that the crash is in, as the shim finds it (shim/stack.c). */
static void read_interrupted(pid_t tid, struct crash_stack *stack)
{
	struct signal_frame *frame = &stack->frame;
	unsigned char code[RESTORER_BYTES];
	uint32_t count = stack->top.bytes / 8;
	frame->slot = count;
	while (signal_frame_before(stack->top.words, count, stack->top.start, frame)) {
		if (!find_mapping(stack, frame->pc) || !find_mapping(stack, frame->restorer) ||
		    read_memory(tid, frame->restorer, code, sizeof code) != sizeof code ||
		    !signal_frame_is_restorer(code))
			continue;
		read_part(tid, signal_frame_stack(frame), &stack->interrupted);
		return;
	}
	*frame = (struct signal_frame){0};
}

struct crash_stack *crash_stack_copy(pid_t tid, const uint64_t registers[STACK_REGISTERS])
{
	struct crash_stack *stack = calloc(1, sizeof *stack);
	if (!stack)
		return NULL;
	memcpy(stack->registers, registers, sizeof stack->registers);
	read_mappings(stack, tid);
	read_part(tid, registers[REGISTER_SP], &stack->top);
	read_interrupted(tid, stack);
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
	const struct mapping *mapping = find_mapping(draft->stack, value);
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

static bool is_within(const struct part *part, uint64_t value)
{
	return value - part->start < part->bytes;
}

/* Whether WORD is one of the interrupted registers and leads to that stack; the stack pointer does in any case. */
static bool is_saved_link(const struct crash_stack *stack, uint32_t slot, uint64_t word)
{
	const struct signal_frame *frame = &stack->frame;
	return slot >= frame->saved && slot < frame->saved_end &&
	       (slot == frame->saved_sp || is_within(&stack->interrupted, word));
}

static void keep_word(struct draft *draft, uint32_t slot, uint64_t word)
{
	draft->words[draft->entry->words] = word;
	draft->slots[draft->entry->words++] = (uint16_t)slot;
}

static void keep_words(struct draft *draft)
{
	const struct crash_stack *stack = draft->stack;
	const struct part *top = &stack->top, *interrupted = &stack->interrupted;
	for (uint32_t i = 0; i < top->bytes / 8; i++)
		if (is_within(top, top->words[i]) || is_saved_link(stack, i, top->words[i]) ||
		    is_code(draft, top->words[i]))
			keep_word(draft, i, top->words[i]);
	for (uint32_t i = 0; i < interrupted->bytes / 8; i++)
		if (is_within(interrupted, interrupted->words[i]) || is_code(draft, interrupted->words[i]))
			keep_word(draft, top->bytes / 8 + i, interrupted->words[i]);
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
		if (!is_within(&stack->top, stack->registers[number]))
			continue;
		entry->registers[number] = stack->registers[number];
		entry->valid |= 1U << number;
	}
}

uint32_t crash_stack_intern(const struct crash_stack *stack, struct arena *arena)
{
	enum { ROOM = sizeof(struct stack_entry) + STACK_SLOTS_MAX * 10 + MODULES_MAX * 4 };
	struct draft *draft = calloc(1, sizeof *draft);
	struct stack_entry *entry = calloc(1, ROOM);
	uint32_t ref = 0;
	if (draft && entry) {
		*draft = (struct draft){.stack = stack, .arena = arena, .entry = entry};
		entry->bytes = stack->top.bytes;
		entry->flags = stack->top.bytes == STACK_BYTES_MAX ? STACK_TRUNCATED : 0;
		entry->interrupted = stack->interrupted.start;
		entry->interrupted_bytes = stack->interrupted.bytes;
		keep_registers(draft);
		is_code(draft, stack->registers[REGISTER_PC]);
		keep_words(draft);
		unsigned char *at = mempcpy(entry->rest, draft->words, entry->words * sizeof *draft->words);
		at = mempcpy(at, draft->modules, entry->modules * sizeof *draft->modules);
		at = mempcpy(at, draft->slots, entry->words * sizeof *draft->slots);
		ref = arena_intern(arena, ARENA_STACK, entry, (uint32_t)(at - (unsigned char *)entry));
	}
	free(draft);
	free(entry);
	return ref;
}
