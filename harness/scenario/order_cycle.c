// SPDX-License-Identifier: MIT
// scenario: whether one point comes before another already: an order must not go in a circle.
#include "order_plan.h"

#include <stdio.h>
#include <string.h>

/* Whether CHILD is the role of a process that one of ROLE forks, or that one's child. */
static bool is_descendant(const char *role, const char *child)
{
	size_t length = strlen(role);
	return strncmp(role, child, length) == 0 && child[length] == '@';
}

/* Whether a process takes step B after step A in any case. */
static bool is_step(const struct order *order, const struct order_point *a, const struct order_point *b)
{
	if (a->place == ORDER_NOWHERE || b->place == ORDER_NOWHERE || a == b)
		return false;
	const struct order_place *from = &order->places[a->place], *to = &order->places[b->place];
	if (a->place == b->place)
		return a->n < b->n;
	if (from->event == EVENT_START && is_descendant(from->role, to->role))
		return true;
	if (strcmp(from->role, to->role) != 0)
		return false;
	return from->event == EVENT_START || to->event == EVENT_EXIT;
}

/* A search from one point to those behind it. */
struct search {
	uint16_t previous[ORDER_POINTS], queue[ORDER_POINTS];
	bool is_seen[ORDER_POINTS];
	size_t tail;
};

static void see(struct search *search, uint32_t from, uint32_t point)
{
	if (search->is_seen[point])
		return;
	search->is_seen[point] = true;
	search->previous[point] = (uint16_t)from;
	search->queue[search->tail++] = (uint16_t)point;
}

static void tell_way(const struct order_plan *plan, const uint16_t *previous, uint32_t right, uint32_t left,
		     char *text, size_t size)
{
	uint16_t way[ORDER_POINTS];
	char point[POINT_TEXT];
	size_t count = 0, length = 0;
	for (uint32_t at = left; at != right; at = previous[at])
		way[count++] = (uint16_t)at;
	length = (size_t)snprintf(text, size, "%s", order_plan_say(plan, right, point));
	while (count-- && length < size)
		length += (size_t)snprintf(text + length, size - length, " < %s",
					   order_plan_say(plan, way[count], point));
}

bool order_plan_has_way(const struct order_plan *plan, uint32_t right, uint32_t left, char *text, size_t size)
{
	const struct order *order = &plan->order;
	struct search search = {.tail = 0};
	see(&search, right, right);
	for (size_t head = 0; head < search.tail; head++) {
		uint32_t at = search.queue[head];
		if (at == left) {
			tell_way(plan, search.previous, right, left, text, size);
			return true;
		}
		for (size_t i = 0; i < plan->constraint_count; i++)
			if (plan->constraints[i].left == at)
				see(&search, at, plan->constraints[i].right);
		for (uint32_t i = 0; i < order->point_count; i++)
			if (is_step(order, &order->points[at], &order->points[i]))
				see(&search, at, i);
	}
	return false;
}
