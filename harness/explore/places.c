// SPDX-License-Identifier: MIT
// explore: what the places in the program are called.
#include "places.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct places {
	struct place *list; /* owned, by stack */
	size_t count, room;
	char text[2 * PLACE_NAME_MAX + 8]; /* of the last name that was asked for */
};

struct places *places_new(void)
{
	return calloc(1, sizeof(struct places));
}

static int by_stack(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

const struct place *places_find(const struct places *places, uint64_t stack)
{
	const struct place wanted = {.stack = stack};
	return places->count ? bsearch(&wanted, places->list, places->count, sizeof wanted, by_stack) : NULL;
}

int places_learn(struct places *places, const struct trial *trial)
{
	for (size_t i = 0; i < trial->place_count; i++) {
		if (places_find(places, trial->places[i].stack))
			continue;
		if (places->count == places->room) {
			size_t room = places->room ? 2 * places->room : 64;
			struct place *list = realloc(places->list, room * sizeof *list);
			if (!list)
				return -ENOMEM;
			places->list = list;
			places->room = room;
		}
		places->list[places->count++] = trial->places[i];
		qsort(places->list, places->count, sizeof *places->list, by_stack);
	}
	return 0;
}

static bool is_alone(const struct places *places, const struct place *place)
{
	for (size_t i = 0; i < places->count; i++)
		if (&places->list[i] != place && strcmp(places->list[i].name, place->name) == 0)
			return false;
	return true;
}

const char *places_name(struct places *places, uint64_t stack)
{
	const struct place *place = places_find(places, stack);
	if (!place || !place->name[0])
		snprintf(places->text, sizeof places->text, "%016" PRIx64, stack);
	else if (place->callers[0] && !is_alone(places, place))
		snprintf(places->text, sizeof places->text, "%s < %s", place->name, place->callers);
	else
		snprintf(places->text, sizeof places->text, "%s", place->name);
	return places->text;
}

void places_free(struct places *places)
{
	if (places)
		free(places->list);
	free(places);
}
