// SPDX-License-Identifier: MIT
// analysis: raw stacks from the arena become frames with names.
#include "stack.h"

#include "symbols.h"
#include "unwind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stack that was asked for, kept until the end. */
struct known {
	uint32_t ref;
	struct stack stack;
};

struct stacks {
	struct unwinder *unwinder;
	struct known **known; /* in no order; few: one for each distinct stack */
	size_t count;
};

struct stacks *stacks_new(const struct arena *arena, uint64_t size)
{
	struct stacks *stacks = calloc(1, sizeof *stacks);
	if (stacks && !(stacks->unwinder = unwinder_new(arena, size))) {
		free(stacks);
		return NULL;
	}
	return stacks;
}

void stacks_free(struct stacks *stacks)
{
	for (size_t i = 0; stacks && i < stacks->count; i++) {
		free(stacks->known[i]->stack.frames);
		free(stacks->known[i]);
	}
	if (stacks) {
		free(stacks->known);
		unwinder_free(stacks->unwinder);
	}
	free(stacks);
}

static void name_frame(const struct raw_frame *raw, struct frame *frame)
{
	struct object *object = raw->object;
	*frame = (struct frame){.pc = raw->pc, .offset = raw->offset, .module = raw->module};
	if (!object)
		return;
	frame->object = object->path;
	frame->build_id = object->build_id;
	if (!object->module)
		return;
	if (!object->symbols)
		object->symbols = symbols_new(object->module);
	struct place places[PLACES_MAX];
	if (!object->symbols || !symbols_places(object->symbols, object->home + raw->offset, places))
		return;
	frame->function = places[0].function;
	frame->file = places[0].file;
	frame->line = places[0].line;
}

/* The library's own frames are how a call came to be seen, not how it came to be made. */
static bool is_ours(const struct raw_frame *raw)
{
	const char *path = raw->object ? raw->object->path : NULL;
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash && strcmp(slash + 1, "libshmcheck.so") == 0;
}

static struct known *unwind(struct stacks *stacks, uint32_t ref)
{
	struct raw_stack raw;
	struct known *known = calloc(1, sizeof *known);
	if (!known || unwinder_walk(stacks->unwinder, ref, &raw)) {
		free(known);
		return NULL;
	}
	known->ref = ref;
	known->stack = (struct stack){.frames = calloc(raw.count + 1, sizeof *known->stack.frames),
				      .complete = raw.complete,
				      .truncated = raw.truncated};
	size_t first = 0;
	while (first < raw.count && is_ours(&raw.frames[first]))
		first++;
	for (size_t i = first; known->stack.frames && i < raw.count; i++)
		name_frame(&raw.frames[i], &known->stack.frames[known->stack.count++]);
	return known;
}

const struct stack *stacks_get(struct stacks *stacks, uint32_t ref)
{
	for (size_t i = 0; ref && i < stacks->count; i++)
		if (stacks->known[i]->ref == ref)
			return &stacks->known[i]->stack;
	struct known *known = ref ? unwind(stacks, ref) : NULL;
	struct known **more = known ? realloc(stacks->known, (stacks->count + 1) * sizeof *more) : NULL;
	if (!more) {
		free(known ? known->stack.frames : NULL);
		free(known);
		return NULL;
	}
	stacks->known = more;
	stacks->known[stacks->count++] = known;
	return &known->stack;
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
