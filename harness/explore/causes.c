// SPDX-License-Identifier: MIT
// explore: the causes of findings, and the first points that have them: the logs of their runs are kept.
#include "causes.h"

#include <errno.h>
#include <stdlib.h>

static size_t *slot_of(const struct causes *causes, uint64_t cause)
{
	uint64_t hash = cause * 0x9e3779b97f4a7c15u;
	for (size_t i = hash ^ hash >> 32;; i++) {
		size_t *slot = &causes->index[i & (causes->index_size - 1)];
		if (*slot == 0 || causes->list[*slot - 1].cause == cause)
			return slot;
	}
}

static int make_index(struct causes *causes, size_t size)
{
	size_t *index = calloc(size, sizeof *index);
	if (!index)
		return -ENOMEM;
	free(causes->index);
	causes->index = index;
	causes->index_size = size;
	for (size_t i = 0; i < causes->count; i++)
		*slot_of(causes, causes->list[i].cause) = i + 1;
	return 0;
}

static int grow(struct causes *causes)
{
	size_t room = causes->room ? 2 * causes->room : 16;
	struct cause_holder *list = realloc(causes->list, room * sizeof *list);
	if (list)
		causes->list = list;
	int code = list ? make_index(causes, 2 * room) : -ENOMEM;
	if (!code)
		causes->room = room;
	return code;
}

/* Of those that have a log the one whose point is the last in the list. */
static struct cause_holder *last_with_log(const struct causes *causes)
{
	struct cause_holder *last = NULL;
	for (size_t i = 0; i < causes->count; i++)
		if (causes->list[i].has_log && (!last || causes->list[i].place > last->place))
			last = &causes->list[i];
	return last;
}

/* NULL: no memory. */
static struct cause_holder *holder_of(struct causes *causes, uint64_t cause)
{
	if (causes->count == causes->room && grow(causes))
		return NULL;
	size_t *slot = slot_of(causes, cause);
	if (!*slot) {
		causes->list[causes->count] = (struct cause_holder){.cause = cause, .place = SIZE_MAX};
		*slot = ++causes->count;
	}
	return &causes->list[*slot - 1];
}

int causes_add(struct causes *causes, uint64_t cause, size_t place, size_t *ret_loser)
{
	struct cause_holder *holder = holder_of(causes, cause), *last = NULL;
	*ret_loser = SIZE_MAX;
	if (!holder)
		return -ENOMEM;
	if (place > holder->place)
		return 0;
	if (holder->has_log) {
		*ret_loser = holder->place == place ? SIZE_MAX : holder->place;
	} else if (causes->logs < CAUSES_LOGS) {
		causes->logs++;
	} else if ((last = last_with_log(causes)) && last->place > place) {
		*ret_loser = last->place;
		last->has_log = false;
	} else {
		holder->place = place;
		return 0;
	}
	holder->place = place;
	holder->has_log = true;
	return 1;
}

void causes_remove(struct causes *causes, uint64_t cause, size_t place)
{
	size_t found = causes->count ? *slot_of(causes, cause) : 0;
	if (!found || causes->list[found - 1].place != place)
		return;
	causes->logs -= causes->list[found - 1].has_log;
	causes->list[found - 1] = causes->list[--causes->count];
	for (size_t i = 0; i < causes->index_size; i++)
		causes->index[i] = 0;
	for (size_t i = 0; i < causes->count; i++)
		*slot_of(causes, causes->list[i].cause) = i + 1;
}

void causes_free(struct causes *causes)
{
	free(causes->list);
	free(causes->index);
	*causes = (struct causes){0};
}
