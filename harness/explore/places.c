// SPDX-License-Identifier: MIT
// explore: what the places in the program are called.
#include "places.h"

#include "harness/analyze/ledger_map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct places {
	struct place *list; /* owned, as they were learnt */
	size_t count, room;
	struct ledger_map by_stack; /* the place's number in the list, from 1 */
	bool *is_shared; /* owned: another place has the same name; known for the first JUDGED */
	size_t judged;
	char text[2 * PLACE_NAME_MAX + 8]; /* of the last name that was asked for */
};

struct places *places_new(void)
{
	return calloc(1, sizeof(struct places));
}

static int grow(struct places *places)
{
	size_t room = places->room ? 2 * places->room : 64;
	struct place *list = realloc(places->list, room * sizeof *list);
	if (!list)
		return -ENOMEM;
	places->list = list;
	places->room = room;
	return 0;
}

const struct place *places_find(const struct places *places, uint64_t stack)
{
	uintptr_t number = (uintptr_t)ledger_map_get(&places->by_stack, stack);
	return number ? &places->list[number - 1] : NULL;
}

int places_learn(struct places *places, const struct trial *trial)
{
	for (size_t i = 0; i < trial->place_count; i++) {
		if (places_find(places, trial->places[i].stack))
			continue;
		uintptr_t number = places->count + 1;
		int code = places->count == places->room ? grow(places) : 0;
		code =
		    code ? code : ledger_map_set(&places->by_stack, trial->places[i].stack, (void *)number);
		if (code)
			return code;
		places->list[places->count++] = trial->places[i];
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct place *x = *(const struct place *const *)a, *y = *(const struct place *const *)b;
	return strcmp(x->name, y->name);
}

/* Names are asked for when all are known: which of them are shared is found out at once. */
static void judge_names(struct places *places)
{
	const struct place **sorted = malloc((places->count + 1) * sizeof *sorted);
	free(places->is_shared);
	places->is_shared = calloc(places->count + 1, sizeof *places->is_shared);
	places->judged = sorted && places->is_shared ? places->count : 0;
	for (size_t i = 0; i < places->judged; i++)
		sorted[i] = &places->list[i];
	if (places->judged)
		qsort(sorted, places->judged, sizeof *sorted, by_name);
	for (size_t i = 1; i < places->judged; i++)
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			places->is_shared[sorted[i - 1] - places->list] =
			    places->is_shared[sorted[i] - places->list] = true;
	free(sorted);
}

static bool is_alone(struct places *places, const struct place *place)
{
	if (places->judged != places->count)
		judge_names(places);
	return places->judged == places->count && !places->is_shared[place - places->list];
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
	if (!places)
		return;
	free(places->list);
	ledger_map_free(&places->by_stack);
	free(places->is_shared);
	free(places);
}
