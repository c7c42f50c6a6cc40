// SPDX-License-Identifier: MIT
// scenario: the order of a scenario, compiled for the session, with what is needed to speak of it.
#include "order_plan.h"

#include "order_text.h"
#include "protocol/signal_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find_place(struct order *order, const struct order_place *wanted)
{
	uint32_t of_role = 0;
	for (uint32_t i = 0; i < order->place_count; i++) {
		const struct order_place *place = &order->places[i];
		if (strcmp(place->role, wanted->role) != 0)
			continue;
		of_role++;
		if (place->event == wanted->event && place->command == wanted->command &&
		    strcmp(place->name, wanted->name) == 0)
			return (int)i;
	}
	if (order->place_count == ORDER_PLACES || of_role == ORDER_MINE)
		return -1;
	order->places[order->place_count] = *wanted;
	return (int)order->place_count++;
}

int order_plan_point(struct order_plan *plan, const struct order_place *wanted, uint32_t n)
{
	struct order *order = &plan->order;
	int place = find_place(order, wanted);
	int point = place < 0 ? -1 : order_point_find(order, (uint32_t)place, n);
	if (place < 0 || point >= 0)
		return point;
	if (order->point_count == ORDER_POINTS)
		return -1;
	order->points[order->point_count] = (struct order_point){.place = (uint32_t)place, .n = n};
	return (int)order->point_count++;
}

const char *order_plan_say(const struct order_plan *plan, uint32_t index, char text[POINT_TEXT])
{
	const struct order_point *point = &plan->order.points[index];
	if (point->place != ORDER_NOWHERE) {
		point_print(&plan->order.places[point->place], point->n, text, POINT_TEXT);
		return text;
	}
	for (size_t i = 0; i < plan->deed_count; i++) {
		const struct deed *deed = &plan->deeds[i];
		const char *name = signal_name(deed->signal);
		if (deed->point == index)
			snprintf(text, POINT_TEXT, "%s to %s", name ? name : "a signal", deed->to);
	}
	return text;
}

/* Which links of its point a list is. */
enum links_of { WAITS, BEGINS, ENDS };

static bool has_link(const struct order_plan *plan, size_t k, uint32_t point, enum links_of which,
		     uint16_t *ret_other)
{
	size_t deeds = plan->deed_count;
	if (k < plan->constraint_count) {
		*ret_other = plan->constraints[k].left;
		return which == WAITS && plan->constraints[k].right == point;
	}
	const struct deed *deed = &plan->deeds[k - plan->constraint_count];
	*ret_other = (uint16_t)deed->point;
	if (k - plan->constraint_count >= deeds || deed->is_stop)
		return false;
	if (deed->trigger != ORDER_NOWHERE)
		return which == BEGINS && deed->trigger == point;
	if (which != ENDS)
		return false;
	for (size_t i = 0; i < plan->constraint_count; i++)
		if (plan->constraints[i].right == deed->point && plan->constraints[i].left == point)
			return true;
	return false;
}

static int pack_links(struct order_plan *plan, uint32_t point, enum links_of which)
{
	struct order *order = &plan->order;
	struct order_point *target = &order->points[point];
	struct order_links links = {order->link_count, 0};
	uint16_t other;
	for (size_t k = 0; k < plan->constraint_count + plan->deed_count; k++) {
		if (!has_link(plan, k, point, which, &other))
			continue;
		if (order->link_count == ORDER_LINKS)
			return -ENOSPC;
		order->links[order->link_count++] = other;
		links.count++;
	}
	*(which == WAITS ? &target->waits : which == BEGINS ? &target->begins : &target->ends) = links;
	return 0;
}

/* The harness must be told of what a start or a deed waits for. */
static void mark_telling(struct order_plan *plan)
{
	for (size_t i = 0; i < plan->constraint_count; i++) {
		const struct order_point *right = &plan->order.points[plan->constraints[i].right];
		if (right->place == ORDER_NOWHERE || plan->order.places[right->place].event == EVENT_START)
			plan->order.points[plan->constraints[i].left].tells = 1;
	}
}

/* The first start of each part, where something is before it. */
static void find_starts(struct order_plan *plan, const struct parts *parts)
{
	for (size_t i = 0; i < parts->count; i++) {
		struct order_place place = {.event = EVENT_START};
		memcpy(place.role, parts->list[i].role, sizeof place.role);
		plan->start[i] = -1;
		for (uint32_t k = 0; k < plan->order.place_count; k++) {
			const struct order_place *known = &plan->order.places[k];
			int point = known->event == EVENT_START && strcmp(known->role, place.role) == 0
					? order_point_find(&plan->order, k, 1)
					: -1;
			if (point >= 0 && plan->order.points[point].waits.count)
				plan->start[i] = point;
		}
	}
}

int order_plan_make(const struct scenario *scenario, const struct parts *parts, struct document *document,
		    struct order_plan *ret_plan, struct complaint *complaint)
{
	struct order_plan *plan = ret_plan;
	memset(plan, 0, sizeof *plan);
	int code = order_text_read(scenario, parts, document, plan, complaint);
	if (code)
		return code;
	for (uint32_t i = 0; !code && i < plan->order.point_count; i++) {
		code = pack_links(plan, i, WAITS);
		code = code ? code : pack_links(plan, i, BEGINS);
		code = code ? code : pack_links(plan, i, ENDS);
	}
	if (code)
		return document_complain_at(document, "order", 0, complaint,
					    "too much to keep in order: at most %d constraints and signals",
					    ORDER_LINKS);
	mark_telling(plan);
	find_starts(plan, parts);
	return 0;
}
