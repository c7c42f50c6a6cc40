// SPDX-License-Identifier: MIT
// analysis: raw stacks from the arena become frames with names.
#include "stack.h"

#include "symbols.h"
#include "unwind.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A stack that was asked for, kept until the end. */
struct known {
	uint32_t ref;
	struct stack stack;
};

struct stacks {
	struct unwinder *unwinder;
	void *known; /* tree of struct known, by ref */
	enum stack_names names;
};

struct stacks *stacks_new(const struct arena *arena, uint64_t size, enum stack_names names)
{
	struct stacks *stacks = calloc(1, sizeof *stacks);
	if (!stacks || !(stacks->unwinder = unwinder_new(arena, size))) {
		free(stacks);
		return NULL;
	}
	stacks->names = names;
	return stacks;
}

/* The frames of one place: those inlined there first. Returns how many, at most PLACES_MAX. */
static size_t name_frames(const struct raw_frame *raw, bool is_wanted, struct frame *frames)
{
	struct object *object = raw->object;
	bool has_names = is_wanted && object && object->module;
	struct place places[PLACES_MAX] = {{0}};
	size_t count = 1;
	if (has_names && !object->symbols)
		object->symbols = symbols_new(object->module);
	if (has_names && object->symbols)
		count = symbols_places(object->symbols, object->home + raw->offset, places);
	if (raw->is_signal)
		places[0].function = "<signal handler called>";
	for (size_t i = 0; i < count; i++)
		frames[i] = (struct frame){.pc = raw->pc,
					   .offset = raw->offset,
					   .module = raw->module,
					   .inlined = places[i].inlined,
					   .is_signal = raw->is_signal,
					   .function = places[i].function,
					   .file = places[i].file,
					   .line = places[i].line,
					   .object = object ? object->path : NULL,
					   .build_id = object ? object->build_id : NULL,
					   .trouble = object ? object->trouble : NULL};
	return count;
}

/* The library's own frames are how a call came to be seen, not how it came to be made. */
static bool is_ours(const struct raw_frame *raw)
{
	const char *path = raw->object ? raw->object->path : NULL;
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash && strcmp(slash + 1, "libshmcheck.so") == 0;
}

static bool is_libc(const char *object)
{
	const char *slash = object ? strrchr(object, '/') : NULL;
	return slash && strncmp(slash + 1, "libc.so", 7) == 0;
}

/* Stripped programs have no names, but how libc starts them is known: the outermost frame is the entry point, and
 * what libc calls from there is main. */
static void name_start(struct stack *stack)
{
	size_t last = stack->count - 1, first = last;
	struct frame *frames = stack->frames;
	while (first > 0 && is_libc(frames[first - 1].object))
		first--;
	if (!stack->complete || first == last || first == 0 || !frames[last].object ||
	    frames[first - 1].module != frames[last].module)
		return;
	if (!frames[last].function)
		frames[last].function = "_start";
	if (!frames[first - 1].function)
		frames[first - 1].function = "main";
}

static bool is_in_libc(const struct raw_frame *raw)
{
	return raw->object && is_libc(raw->object->path);
}

/* Where the C library's outermost frames begin; behind them only the program's entry point may stand. The end of the
 * stack where there are none, or nothing before them. */
static size_t callers_end(const struct raw_stack *raw)
{
	size_t last = raw->count;
	if (raw->complete && last > 0 && !is_in_libc(&raw->frames[last - 1]))
		last--;
	size_t end = last;
	while (end > 0 && is_in_libc(&raw->frames[end - 1]))
		end--;
	return end > 0 && end < last ? end : raw->count;
}

static int name_stack(const struct raw_stack *raw, enum stack_names names, struct stack *stack)
{
	size_t first = 0, room = 0, end = names == STACK_NAMES_CALLERS ? callers_end(raw) : raw->count;
	while (first < raw->count && is_ours(&raw->frames[first]))
		first++;
	for (size_t i = first; i < raw->count; i++) {
		if (room - stack->count < PLACES_MAX) {
			room = 2 * room + 2 * PLACES_MAX;
			struct frame *more = realloc(stack->frames, room * sizeof *more);
			if (!more)
				return -ENOMEM;
			stack->frames = more;
		}
		stack->count += name_frames(&raw->frames[i], names != STACK_NAMES_NONE && i < end,
					    stack->frames + stack->count);
	}
	if (stack->count) {
		name_start(stack);
		struct frame *fitting = realloc(stack->frames, stack->count * sizeof *fitting);
		stack->frames = fitting ? fitting : stack->frames;
	}
	return 0;
}

static void known_free(void *data)
{
	struct known *known = data;
	free(known->stack.frames);
	free(known);
}

static int compare_known(const void *a, const void *b)
{
	const struct known *left = a, *right = b;
	return (left->ref > right->ref) - (left->ref < right->ref);
}

const struct stack *stacks_get(struct stacks *stacks, uint32_t ref)
{
	struct known wanted = {.ref = ref};
	struct known **found = tfind(&wanted, &stacks->known, compare_known);
	struct raw_stack raw;
	if (found)
		return &(*found)->stack;
	struct known *known = ref ? calloc(1, sizeof *known) : NULL;
	if (!known || unwinder_walk(stacks->unwinder, ref, &raw)) {
		free(known);
		return NULL;
	}
	known->ref = ref;
	known->stack = (struct stack){.complete = raw.complete, .truncated = raw.truncated};
	if (name_stack(&raw, stacks->names, &known->stack) ||
	    !tsearch(known, &stacks->known, compare_known)) {
		known_free(known);
		return NULL;
	}
	return &known->stack;
}

void stacks_ended(struct stacks *stacks, int64_t seconds)
{
	unwinder_ended(stacks->unwinder, seconds);
}

void stacks_renew(struct stacks *stacks, const struct arena *arena, uint64_t size)
{
	tdestroy(stacks->known, known_free);
	stacks->known = NULL;
	unwinder_renew(stacks->unwinder, arena, size);
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	tdestroy(stacks->known, known_free);
	unwinder_free(stacks->unwinder);
	free(stacks);
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ next[i]) * 1099511628211u; /* FNV-1a */
	return hash;
}

uint64_t stack_identity(const struct stack *stack)
{
	uint64_t hash = 14695981039346656037u;
	if (!stack)
		return 0;
	for (size_t i = 0; i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];
		const char *name = frame->build_id ? frame->build_id : frame->object ? frame->object : "?";
		if (frame->inlined)
			continue;
		hash = mix(hash, name, strlen(name));
		if (frame->module) /* an address without a module differs from run to run */
			hash = mix(hash, &frame->offset, sizeof frame->offset);
	}
	return hash ? hash : 1;
}
