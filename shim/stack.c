// SPDX-License-Identifier: MIT
// shim: call stacks: a sparse copy, recognised cheaply when it comes again.
#include "shim/stack.h"
#include "protocol/signal_frame.h"
#include "shim/capture.h"
#include "shim/module.h"
#include "shim/room.h"
#include "shim/stack_reach.h"
#include "shim/stack_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Why a recognised stack is the same stack: the unwinder reads pc, sp, the registers that a callee keeps, return
 * addresses and saved registers. It gets no further than over return addresses in a module and frame addresses inside
 * the copy; all of these were kept, so all of these are compared. What was not kept reads as undefined, and the walk
 * ends there, in this stack as in the one that was seen before. So a hit may at worst be as incomplete as the first
 * capture was (a return address that was no code then: compiled at run time), never another path.
 * From an alternate stack the walk goes on where the interrupted registers say that the other one is. Those that were
 * followed were kept, and so compared: where they are equal, the other stack lies where it lay, and its words are
 * compared there. */

enum {
	BUCKETS = 1024,
	WAYS = 4,
	SCRATCHES = 32,
	MODULES_MAX = 64,
	REST_MAX = STACK_SLOTS_MAX * 10 + MODULES_MAX * 4
};

/* What a capture works in: the stack that we run on may be tiny. Taken by an atomic exchange, never waited for. */
struct scratch {
	uint32_t taken; /* atomic */
	uint16_t modules; /* looked up, code or not */
	uint16_t refs; /* those with code in this stack, in the order in which it was met */
	uint32_t ref[MODULES_MAX];
	struct module module[MODULES_MAX];
	uint16_t slots[STACK_SLOTS_MAX];
	uint64_t copy[STACK_WORDS_MAX]; /* of a stack that cannot be read directly */
	uint64_t interrupted_copy[STACK_WORDS_MAX];
	_Alignas(8) unsigned char room[MODULE_ROOM];
	struct stack_entry entry;
	uint64_t rest[REST_MAX / 8];
};

/* The other stack of a handler that runs on an alternate one; all 0: there is none. */
struct interrupted {
	struct signal_frame frame;
	struct view view;
};

/* Set before others capture; a fork child keeps it. */
static struct arena *arena;
static struct scratch scratches[SCRATCHES];

/* Atomic refs of stacks seen by this process, by caller and sp. A lost race costs a second look at the arena. */
static uint32_t known[BUCKETS][WAYS];
static uint32_t next_way; /* atomic: which way of a full bucket goes next */
static bool is_full; /* atomic: the arena had no room */
static uint32_t generation; /* atomic: bumped when modules changed */

static const uint8_t kept_registers[] = {3, 6, 12, 13, 14, 15};

void stack_attach(struct arena *new_arena, bool under_valgrind)
{
	bool knows_stacks = arena != NULL; /* or a new image's pages would be touched for nothing */

	module_learn_program();
	arena = new_arena;
	reach_by_copy = under_valgrind;
	is_full = false;
	if (knows_stacks)
		stack_modules_changed();
}

void stack_modules_changed(void)
{
	__atomic_add_fetch(&generation, 1, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < BUCKETS * WAYS; i++)
		__atomic_store_n(&known[0][0] + i, 0, __ATOMIC_RELAXED);
}

static struct scratch *scratch_take(void)
{
	for (unsigned i = 0; i < SCRATCHES; i++) {
		if (__atomic_exchange_n(&scratches[i].taken, 1, __ATOMIC_ACQUIRE) == 0) {
			scratches[i].modules = scratches[i].refs = 0;
			memset(&scratches[i].entry, 0, sizeof(scratches[i].entry));
			return &scratches[i];
		}
	}
	return NULL;
}

static inline bool is_in_view(const struct view *view, uint64_t value)
{
	return value - view->sp < view->bytes;
}

/* The module that VALUE lies in, among those looked up for this capture: modules come and go. */
static struct module *module_of(struct scratch *scratch, uint64_t value)
{
	struct module *module = scratch->module;

	for (; module < scratch->module + scratch->modules; module++) {
		if (value >= module->map_start && value < module->map_end)
			return module;
	}
	if (scratch->modules == MODULES_MAX || !module_find(value, module))
		return NULL;
	scratch->modules++;
	return module;
}

/* The return address of a last call that never returns lies just behind the code. */
static bool is_code(struct scratch *scratch, uint64_t value)
{
	if (value < 0x1000 || value >> 47 != 0)
		return false;
	struct module *module = module_of(scratch, value);
	if (module == NULL || value < module->start || value > module->end)
		return false;
	if (module->ref == 0) {
		module->ref = module_intern(arena, module, scratch->room);
		if (module->ref != 0)
			scratch->ref[scratch->refs++] = module->ref;
	}
	return module->ref != 0;
}

static void keep_registers(struct stack_entry *entry, const struct view *view,
			   const struct registers *registers)
{
	entry->registers[REGISTER_PC] = registers->value[REGISTER_PC];
	entry->registers[REGISTER_SP] = view->sp;
	entry->valid = 1u << REGISTER_PC | 1u << REGISTER_SP;
	for (unsigned i = 0; i < sizeof(kept_registers); i++) {
		unsigned number = kept_registers[i];
		if (!is_in_view(view, registers->value[number]))
			continue;
		entry->registers[number] = registers->value[number];
		entry->valid |= 1u << number;
	}
}

/* The same words give the same bytes. */
static uint32_t intern(struct scratch *scratch)
{
	struct stack_entry *entry = &scratch->entry;
	unsigned char *at = (unsigned char *)scratch->rest + entry->words * sizeof(uint64_t);

	entry->modules = scratch->refs;
	memcpy(at, scratch->ref, scratch->refs * sizeof(uint32_t));
	at += scratch->refs * sizeof(uint32_t);
	memcpy(at, scratch->slots, entry->words * sizeof(uint16_t));
	at += entry->words * sizeof(uint16_t);
	return room_intern(arena, ARENA_STACK, entry, (uint32_t)(at - (unsigned char *)entry));
}

static void keep_word(struct scratch *scratch, uint32_t slot, uint64_t word)
{
	struct stack_entry *entry = &scratch->entry;

	scratch->rest[entry->words] = word;
	scratch->slots[entry->words++] = (uint16_t)slot;
}

static bool is_restorer(struct scratch *scratch, uint64_t address)
{
	return is_code(scratch, address) && is_readable(address) &&
	       is_readable(address + RESTORER_BYTES - 1) &&
	       signal_frame_is_restorer((const unsigned char *)address);
}

/* The stack that was interrupted, when a handler runs on an alternate one. From where there is no code, nothing could be
 * found. */
static void find_interrupted(struct scratch *scratch, const struct view *view, struct interrupted *ret_found)
{
	struct signal_frame *frame = &ret_found->frame;
	uint32_t count = view->bytes / 8;

	frame->slot = count;
	while (signal_frame_before(view->words, count, view->sp, frame)) {
		if (!is_restorer(scratch, frame->restorer) || !is_code(scratch, frame->pc))
			continue;
		ret_found->view = view_interrupted(signal_frame_stack(frame), scratch->interrupted_copy);
		return;
	}
	*frame = (struct signal_frame){0};
}

/* Whether WORD is one of the interrupted registers and leads to that stack; the stack pointer does in any case. */
static bool is_saved_link(const struct interrupted *interrupted, uint32_t slot, uint64_t word)
{
	const struct signal_frame *frame = &interrupted->frame;

	return slot >= frame->saved && slot < frame->saved_end &&
	       (slot == frame->saved_sp || is_in_view(&interrupted->view, word));
}

static void keep_words(struct scratch *scratch, const struct view *view,
		       const struct interrupted *interrupted)
{
	for (uint32_t i = 0; i < view->bytes / 8; i++) {
		uint64_t word = view->words[i];
		if (is_in_view(view, word) || is_saved_link(interrupted, i, word) || is_code(scratch, word))
			keep_word(scratch, i, word);
	}
	for (uint32_t i = 0; i < interrupted->view.bytes / 8; i++) {
		uint64_t word = interrupted->view.words[i];
		if (is_in_view(&interrupted->view, word) || is_code(scratch, word))
			keep_word(scratch, view->bytes / 8 + i, word);
	}
}

static uint32_t keep_stack(struct scratch *scratch, const struct view *view,
			   const struct registers *registers)
{
	struct stack_entry *entry = &scratch->entry;
	struct interrupted interrupted = {0};

	entry->bytes = view->bytes;
	entry->flags = view->flags;
	keep_registers(entry, view, registers);
	is_code(scratch, entry->registers[REGISTER_PC]); /* its module belongs to the list */
	find_interrupted(scratch, view, &interrupted);
	entry->interrupted = interrupted.view.sp;
	entry->interrupted_bytes = interrupted.view.bytes;
	keep_words(scratch, view, &interrupted);
	return intern(scratch);
}

/* Without a copy there is still the caller. The address lies inside its call. */
static uint32_t keep_caller(struct scratch *scratch, const struct registers *registers)
{
	struct stack_entry bare = {.valid = 1u << REGISTER_PC, .flags = STACK_TRUNCATED};

	bare.registers[REGISTER_PC] = registers->caller - 1;
	if (scratch == NULL)
		return room_intern(arena, ARENA_STACK, &bare, sizeof(bare));
	scratch->entry = bare;
	is_code(scratch, registers->caller - 1);
	return intern(scratch);
}

/* The rest of is_same: from WORD on the entry's words are those of the interrupted stack. *SCRATCH may be taken here. */
static __attribute__((noinline)) bool is_same_interrupted(const struct stack_entry *entry, uint32_t word,
							  const struct view *view, struct scratch **scratch)
{
	const uint64_t *values = stack_values(entry);
	const uint16_t *slots = stack_slots(entry);
	uint32_t first = view->bytes / 8;

	if (entry->interrupted_bytes == 0 || (*scratch == NULL && (*scratch = scratch_take()) == NULL))
		return false;
	struct view interrupted = view_interrupted(entry->interrupted, (*scratch)->interrupted_copy);
	if (interrupted.bytes != entry->interrupted_bytes)
		return false;
	for (; word < entry->words; word++) {
		uint32_t slot = slots[word];
		if (slot < first || slot - first >= interrupted.bytes / 8 ||
		    interrupted.words[slot - first] != values[word])
			return false;
	}
	return true;
}

static bool is_same(const struct stack_entry *entry, const struct view *view,
		    const struct registers *registers, struct scratch **scratch)
{
	const uint64_t *values = stack_values(entry);
	const uint16_t *slots = stack_slots(entry);
	uint32_t words = entry->words;

	if (entry->registers[REGISTER_PC] != registers->value[REGISTER_PC] ||
	    entry->registers[REGISTER_SP] != view->sp || entry->bytes != view->bytes ||
	    entry->flags != view->flags)
		return false;
	for (unsigned i = 0; i < sizeof(kept_registers); i++) {
		uint64_t now = registers->value[kept_registers[i]];
		/* One that was not kept holds 0. */
		if (entry->registers[kept_registers[i]] != (is_in_view(view, now) ? now : 0))
			return false;
	}
	/* The session is writable to the program: no slot may lead out of the view. */
	for (uint32_t i = 0; i < words; i++) {
		if (slots[i] >= view->bytes / 8)
			return is_same_interrupted(entry, i, view, scratch);
		if (view->words[slots[i]] != values[i])
			return false;
	}
	return true;
}

static uint32_t recognise(const uint32_t *bucket, const struct view *view, const struct registers *registers,
			  struct scratch **scratch)
{
	for (unsigned way = 0; way < WAYS; way++) {
		uint32_t ref = __atomic_load_n(&bucket[way], __ATOMIC_ACQUIRE);
		if (ref == 0)
			return 0;
		const struct arena_entry *entry =
		    (const struct arena_entry *)((const char *)arena + ref * 8ull);
		if (is_same((const struct stack_entry *)entry->data, view, registers, scratch))
			return ref;
	}
	return 0;
}

/* The entry behind REF is complete: whoever finds it in the table may read it. */
static void remember(uint32_t *bucket, uint32_t ref, uint32_t seen_generation)
{
	unsigned way = 0;

	while (way < WAYS && __atomic_load_n(&bucket[way], __ATOMIC_RELAXED) != 0)
		way++;
	if (way == WAYS)
		way = __atomic_fetch_add(&next_way, 1, __ATOMIC_RELAXED) % WAYS;
	if (__atomic_load_n(&generation, __ATOMIC_SEQ_CST) == seen_generation)
		__atomic_store_n(&bucket[way], ref, __ATOMIC_RELEASE);
}

/* Calls that stand together have their buckets together: a small program touches one page of the table. A call is five
 * bytes at least, and stack pointers are sixteen apart. */
static inline uint32_t *bucket_of(const struct registers *registers)
{
	return known[((registers->caller >> 2) + (registers->value[REGISTER_SP] >> 4)) % BUCKETS];
}

/* Once the arena had no room for a stack, new ones are only counted: looking costs microseconds. */
static uint32_t lose(void)
{
	__atomic_fetch_add(&arena->lost, 1, __ATOMIC_RELAXED);
	return 0;
}

static uint32_t keep(struct scratch *scratch, const struct view *view, const struct registers *registers)
{
	uint32_t *bucket = bucket_of(registers);
	uint32_t seen_generation = __atomic_load_n(&generation, __ATOMIC_SEQ_CST);

	if (__atomic_load_n(&is_full, __ATOMIC_RELAXED))
		return lose();
	uint32_t ref =
	    view->bytes != 0 ? keep_stack(scratch, view, registers) : keep_caller(scratch, registers);
	if (ref == 0)
		__atomic_store_n(&is_full, true, __ATOMIC_RELAXED);
	else if (view->bytes != 0)
		remember(bucket, ref, seen_generation);
	return ref;
}

uint32_t stack_capture(const struct registers *registers)
{
	struct registers copy;
	struct view view = {0};
	struct scratch *scratch = NULL;
	uint32_t ref = 0;

	if (arena == NULL)
		return 0;
	if (reach_by_copy && stack_copy(&copy, (uintptr_t)registers, sizeof(copy)) == sizeof(copy))
		registers = &copy;
	if (ARCH_CAPTURES && registers->value[REGISTER_SP] % 8 == 0) {
		if (!reach_by_copy)
			view = view_of(registers->value[REGISTER_SP]);
		if (view.bytes == 0 && (scratch = scratch_take()) != NULL)
			view = view_copied(registers->value[REGISTER_SP], scratch->copy);
		if (view.bytes != 0)
			ref = recognise(bucket_of(registers), &view, registers, &scratch);
	}
	if (ref == 0) {
		if (scratch == NULL)
			scratch = scratch_take();
		ref = scratch != NULL ? keep(scratch, &view, registers) : keep_caller(NULL, registers);
	}
	if (scratch != NULL)
		__atomic_store_n(&scratch->taken, 0, __ATOMIC_RELEASE);
	return ref;
}
