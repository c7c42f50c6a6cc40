// SPDX-License-Identifier: MIT
// analysis: walks a sparse copy of a stack by the call frame information of its modules (libdwfl).
#include "unwind.h"
#include "unwind_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REGISTER_SP = 7, REGISTER_PC = 16, MODULES_MAX = 64, FRAMES_MAX = 2048, THREAD = 1 };

struct placed {
	const struct module_entry *entry;
	uint32_t ref;
	struct object *object;
};

/* The stack that is being walked. */
struct copy {
	const struct stack_entry *entry;
	const uint64_t *values;
	const uint16_t *slots;
	uint64_t sp;
	struct placed modules[MODULES_MAX];
	unsigned module_count;
	struct space *space; /* where its modules have their homes */
};

struct unwinder {
	const struct arena *arena;
	uint64_t size;
	int64_t ended;
	struct space **spaces;
	size_t space_count;
	struct copy copy;
	struct raw_frame frames[FRAMES_MAX];
	size_t count;
	bool stopped; /* at a frame behind which nothing is known */
	bool is_outermost; /* the last frame says itself that nobody called it */
	bool truncated;
};

static bool place_modules(struct unwinder *unwinder)
{
	struct copy *copy = &unwinder->copy;
	const uint32_t *refs = stack_module_refs(copy->entry);
	const struct module_entry *fixed = NULL;

	for (unsigned i = 0; i < copy->entry->modules && i < MODULES_MAX; i++) {
		const struct module_entry *entry = arena_module(unwinder->arena, unwinder->size, refs[i]);
		if (entry == NULL)
			return false;
		if (entry->base == 0)
			fixed = entry;
		copy->modules[copy->module_count++] = (struct placed){.entry = entry, .ref = refs[i]};
	}
	copy->space = space_find(&unwinder->spaces, &unwinder->space_count, fixed);
	for (unsigned i = 0; copy->space != NULL && i < copy->module_count; i++) {
		copy->modules[i].object = space_object(copy->space, copy->modules[i].entry, unwinder->ended);
		if (copy->modules[i].object == NULL)
			return false;
	}
	return copy->space != NULL;
}

static bool open_copy(struct unwinder *unwinder, uint32_t ref)
{
	const struct stack_entry *entry = arena_stack(unwinder->arena, unwinder->size, ref);
	struct copy *copy = &unwinder->copy;

	if (entry == NULL)
		return false;
	*copy = (struct copy){.entry = entry,
			      .values = stack_values(entry),
			      .slots = stack_slots(entry),
			      .sp = entry->registers[REGISTER_SP]};
	for (unsigned i = 0; i < entry->words; i++) {
		if (copy->slots[i] >= entry->bytes / 8 + entry->interrupted_bytes / 8 ||
		    (i > 0 && copy->slots[i] <= copy->slots[i - 1]))
			return false;
	}
	return place_modules(unwinder);
}

/* Whether ADDRESS lies in one of the two stacks; where, in words from the first one's start on. */
static bool find_slot(const struct copy *copy, uint64_t address, uint16_t *ret_slot)
{
	const struct stack_entry *entry = copy->entry;
	uint64_t distance = address - copy->sp, further = address - entry->interrupted;

	if (distance < entry->bytes)
		*ret_slot = (uint16_t)(distance / 8);
	else if (further < entry->interrupted_bytes)
		*ret_slot = (uint16_t)(entry->bytes / 8 + further / 8);
	else
		return false;
	return true;
}

/* From an address in the process to the unwinder's own space. */
static uint64_t to_home(const struct copy *copy, uint64_t value)
{
	uint16_t slot;

	if (find_slot(copy, value, &slot))
		return value;
	for (unsigned i = 0; i < copy->module_count; i++) {
		const struct placed *placed = &copy->modules[i];
		if (value >= placed->entry->start && value <= placed->entry->end &&
		    placed->object->module != NULL)
			return value - placed->entry->base + placed->object->home;
	}
	return value;
}

/* The module of a PC at home, and the pc in the process. */
static const struct placed *from_home(const struct copy *copy, uint64_t pc, uint64_t *ret_pc)
{
	for (unsigned i = 0; i < copy->module_count; i++) {
		const struct placed *placed = &copy->modules[i];
		uint64_t home = placed->object->module != NULL ? placed->object->home : placed->entry->base;
		uint64_t there = pc - home + placed->entry->base;
		if (there >= placed->entry->start && there <= placed->entry->end) {
			*ret_pc = there;
			return placed;
		}
	}
	*ret_pc = pc;
	return NULL;
}

static pid_t next_thread(Dwfl *dwfl, void *data, void **ret_thread)
{
	(void)dwfl;
	if (*ret_thread != NULL)
		return 0;
	*ret_thread = data;
	return THREAD;
}

static bool get_thread(Dwfl *dwfl, pid_t thread, void *data, void **ret_thread)
{
	(void)dwfl;
	*ret_thread = data;
	return thread == THREAD;
}

static int compare_slots(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* A word that was not kept is unknown: a register saved there becomes undefined, a return address ends the walk. */
static bool memory_read(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *ret_word, void *data)
{
	struct unwinder *unwinder = data;
	const struct copy *copy = &unwinder->copy;
	uint16_t slot;

	(void)dwfl;
	if (!find_slot(copy, address, &slot)) {
		unwinder->truncated = true;
		return false;
	}
	if (address % 8 != 0)
		return false;
	const uint16_t *found = bsearch(&slot, copy->slots, copy->entry->words, sizeof(slot), compare_slots);
	if (found == NULL)
		return false;
	*ret_word = to_home(copy, copy->values[found - copy->slots]);
	return true;
}

static bool set_registers(Dwfl_Thread *thread, void *data)
{
	const struct copy *copy = &((struct unwinder *)data)->copy;

	for (int i = 0; i < STACK_REGISTERS; i++) {
		Dwarf_Word word = to_home(copy, copy->entry->registers[i]);
		if ((copy->entry->valid & 1u << i) != 0 && !dwfl_thread_state_registers(thread, i, 1, &word))
			return false;
	}
	return true;
}

static const Dwfl_Thread_Callbacks thread_callbacks = {.next_thread = next_thread,
						       .get_thread = get_thread,
						       .memory_read = memory_read,
						       .set_initial_registers = set_registers};

/* The outermost frame has no return address, by its own account (DW_CFA_undefined). One whose return address could not
 * be read looks the same to libdwfl. */
static bool has_no_caller(Dwarf_Frame *frame)
{
	Dwarf_Op room[3], *rule;
	size_t count;

	return dwarf_frame_register(frame, REGISTER_PC, room, &rule, &count) == 0 && count == 0 &&
	       rule == room;
}

/* Without call frame information libdwfl guesses by the frame pointer; a guess is no frame. */
static bool look_at_frame(struct unwinder *unwinder, Dwfl_Module *module, Dwarf_Addr pc,
			  struct raw_frame *raw)
{
	Dwarf_Addr biases[2] = {0};
	Dwarf_Frame *frame;
	Dwarf_CFI *sources[2];

	sources[0] = dwfl_module_eh_cfi(module, &biases[0]);
	sources[1] = sources[0] == NULL ? dwfl_module_dwarf_cfi(module, &biases[1]) : NULL;
	for (int i = 0; i < 2; i++) {
		if (sources[i] == NULL || dwarf_cfi_addrframe(sources[i], pc - biases[i], &frame) != 0)
			continue;
		dwarf_frame_info(frame, NULL, NULL, &raw->is_signal);
		unwinder->is_outermost = has_no_caller(frame);
		free(frame);
		return true;
	}
	return false;
}

/* Begins FRAME: PC at home, and what lies there. */
static const struct placed *begin_frame(const struct copy *copy, uint64_t pc, struct raw_frame *frame)
{
	const struct placed *placed = from_home(copy, pc, &frame->pc);

	frame->module = placed != NULL ? placed->ref : 0;
	frame->object = placed != NULL ? placed->object : NULL;
	frame->offset = placed != NULL ? frame->pc - placed->entry->base : frame->pc;
	frame->is_signal = false;
	return placed;
}

static int take_frame(Dwfl_Frame *state, void *data)
{
	struct unwinder *unwinder = data;
	Dwarf_Addr pc;
	bool is_activation;

	if (!dwfl_frame_pc(state, &pc, &is_activation) || unwinder->count == FRAMES_MAX)
		return DWARF_CB_ABORT;
	if (!is_activation)
		pc--;
	struct raw_frame *frame = &unwinder->frames[unwinder->count++];
	const struct placed *placed = begin_frame(&unwinder->copy, pc, frame);
	unwinder->is_outermost = false;
	if (placed != NULL && placed->object->module != NULL &&
	    look_at_frame(unwinder, placed->object->module, pc, frame))
		return DWARF_CB_OK;
	unwinder->stopped = true;
	return DWARF_CB_ABORT;
}

/* NULL: nothing can be walked there. */
static Dwfl *usable_dwfl(struct unwinder *unwinder)
{
	struct space *space = unwinder->copy.space;

	if (!space->attached)
		space->attached = dwfl_attach_state(space->dwfl, NULL, THREAD, &thread_callbacks, unwinder);
	return space->attached ? space->dwfl : NULL;
}

/* The one frame that is known when nothing can be walked. */
static void take_pc(struct unwinder *unwinder)
{
	const struct copy *copy = &unwinder->copy;

	begin_frame(copy, to_home(copy, copy->entry->registers[REGISTER_PC]), &unwinder->frames[0]);
	unwinder->count = 1;
}

int unwinder_walk(struct unwinder *unwinder, uint32_t ref, struct raw_stack *ret_stack)
{
	int rc = -1;

	if (!open_copy(unwinder, ref))
		return -ENOENT;
	unwinder->count = 0;
	unwinder->stopped = unwinder->is_outermost = false;
	unwinder->truncated = unwinder->copy.entry->bytes == 0;
	Dwfl *dwfl = usable_dwfl(unwinder);
	if (dwfl != NULL && unwinder->copy.entry->bytes != 0)
		rc = dwfl_getthread_frames(dwfl, THREAD, take_frame, unwinder);
	if (unwinder->count == 0)
		take_pc(unwinder);
	*ret_stack = (struct raw_stack){.frames = unwinder->frames,
					.count = unwinder->count,
					.complete = rc == 0 && !unwinder->stopped && unwinder->is_outermost};
	ret_stack->truncated = !ret_stack->complete && unwinder->truncated;
	return 0;
}

struct unwinder *unwinder_new(const struct arena *arena, uint64_t size)
{
	struct unwinder *unwinder = calloc(1, sizeof(*unwinder));

	if (unwinder != NULL) {
		unwinder->arena = arena;
		unwinder->size = size;
	}
	return unwinder;
}

void unwinder_ended(struct unwinder *unwinder, int64_t seconds)
{
	unwinder->ended = seconds;
}

void unwinder_renew(struct unwinder *unwinder, const struct arena *arena, uint64_t size)
{
	unwinder->arena = arena;
	unwinder->size = size;
}

void unwinder_free(struct unwinder *unwinder)
{
	if (unwinder == NULL)
		return;
	for (size_t i = 0; i < unwinder->space_count; i++)
		space_free(unwinder->spaces[i]);
	free(unwinder->spaces);
	free(unwinder);
}
