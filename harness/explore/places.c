// SPDX-License-Identifier: MIT
// explore: what the places in the program are called: stack identities and their words.
#include "places.h"

#include "harness/report/say.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place_name {
	uint64_t stack;
	char *name;
	struct location location;
};

struct places {
	void *tree; /* tsearch(3) of struct place_name */
	struct keep *keep;
};

static int compare(const void *a, const void *b)
{
	const struct place_name *x = a, *y = b;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

struct places *places_new(struct keep *keep)
{
	struct places *places = calloc(1, sizeof *places);
	if (places)
		places->keep = keep;
	return places;
}

static struct location locate(struct keep *keep, const struct stack *stack)
{
	struct told_stack told = {stack->frames, stack->count, stack->complete, stack->truncated};
	struct location found = told_location(&told);
	found.file = keep_string(keep, found.file);
	found.function = keep_string(keep, found.function);
	found.object = keep_string(keep, found.object);
	found.build_id = keep_string(keep, found.build_id);
	return found;
}

static struct place_name *find(struct places *places, uint64_t stack, bool *ret_is_new)
{
	struct place_name *fresh = calloc(1, sizeof *fresh);
	if (!fresh)
		return NULL;
	fresh->stack = stack;
	struct place_name **slot = tsearch(fresh, &places->tree, compare);
	*ret_is_new = slot && *slot == fresh;
	if (!*ret_is_new)
		free(fresh);
	return slot ? *slot : NULL;
}

void places_learn(struct places *places, const struct replay *replay, const struct observation *calls,
		  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool is_new = false;
		struct place_name *place = calls[i].stack ? find(places, calls[i].stack, &is_new) : NULL;
		if (!place || place->name)
			continue;
		const struct stack *stack = stacks_get(replay->stacks, calls[i].stack_ref);
		char text[SAY_MAX];
		if (!stack || !stack->count)
			continue;
		say_frame(&stack->frames[0], text, sizeof text);
		place->name = strdup(text);
		place->location = locate(places->keep, stack);
	}
}

const char *places_name(struct places *places, uint64_t stack)
{
	bool is_new = false;
	struct place_name *place = find(places, stack, &is_new);
	if (place && !place->name && asprintf(&place->name, "%016" PRIx64, stack) < 0)
		place->name = NULL;
	return place && place->name ? place->name : "?";
}

struct location places_location(struct places *places, uint64_t stack)
{
	bool is_new = false;
	const struct place_name *place = find(places, stack, &is_new);
	return place ? place->location : (struct location){0};
}

static void drop(void *data)
{
	struct place_name *place = data;
	free(place->name);
	free(place);
}

void places_free(struct places *places)
{
	if (places)
		tdestroy(places->tree, drop);
	free(places);
}
