// SPDX-License-Identifier: MIT
// scenario: from the texts of order, signals, start-after and stop to constraints and deeds.
#include "order_text.h"

#include "harness/error.h"
#include "protocol/signal_name.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { PATH_TEXT = 96, GROUP_MOST = SCENARIO_ROLES };

struct reader {
	const struct parts *parts;
	struct document *document;
	struct order_plan *plan;
	struct complaint *complaint;
};

/* The points that one text stands for: several where its process has instances. */
struct group {
	uint16_t points[GROUP_MOST];
	size_t count;
};

#define COMPLAIN(reader, path, offset, ...)                                                                  \
	(document_complain_at((reader)->document, path, offset, (reader)->complaint, __VA_ARGS__), -EINVAL)

static int complain_room(const struct reader *reader, const char *path, size_t offset)
{
	return COMPLAIN(reader, path, offset, "too many points: at most %d, on at most %d calls of a process",
			ORDER_POINTS, ORDER_MINE);
}

static int find_parts(const struct reader *reader, const char *role, const char *path, size_t offset,
		      struct part_range *ret_range)
{
	*ret_range = parts_find(reader->parts, role);
	if (ret_range->count)
		return 0;
	const char *near = parts_nearest(reader->parts, role);
	return COMPLAIN(reader, path, offset, "no process is called '%.*s'%s%s%s", (int)strcspn(role, "@"),
			role, near ? ": did you mean '" : ": expected a name of 'processes'",
			near ? near : "", near ? "'?" : "");
}

/* The points behind LENGTH bytes of TEXT, OFFSET bytes into the value at PATH. */
static int read_group(const struct reader *reader, const char *path, size_t offset, const char *text,
		      size_t length, struct group *ret_group)
{
	struct place_text point;
	struct text_error error = {0, ""};
	struct part_range range;
	if (point_parse(text, length, &point, &error))
		return COMPLAIN(reader, path, offset + error.offset, "%s", error.what);
	int code = find_parts(reader, point.role, path, offset, &range);
	ret_group->count = 0;
	for (size_t i = 0; !code && i < range.count; i++) {
		struct order_place place = point.place;
		const char *child = strchr(point.role, '@');
		int written = snprintf(place.role, sizeof place.role, "%s%s",
				       reader->parts->list[range.first + i].role, child ? child : "");
		if (written >= (int)sizeof place.role)
			return COMPLAIN(reader, path, offset, "the name is too long: at most %d characters",
					ROLE_MAX - 1);
		int index = order_plan_point(reader->plan, &place, point.n);
		if (index < 0)
			return complain_room(reader, path, offset);
		ret_group->points[ret_group->count++] = (uint16_t)index;
	}
	return code;
}

static int add_constraint(const struct reader *reader, uint32_t left, uint32_t right, const char *path,
			  size_t offset)
{
	struct order_plan *plan = reader->plan;
	char way[400], point[POINT_TEXT];
	if (order_plan_has_way(plan, right, left, way, sizeof way))
		return COMPLAIN(reader, path, offset,
				"this order goes in a circle, so nobody could begin: %s < %s", way,
				order_plan_say(plan, right, point));
	if (plan->constraint_count == CONSTRAINTS_MOST)
		return COMPLAIN(reader, path, offset, "too much to keep in order: at most %d constraints",
				CONSTRAINTS_MOST);
	plan->constraints[plan->constraint_count++] = (struct constraint){(uint16_t)left, (uint16_t)right};
	return 0;
}

static int add_constraints(const struct reader *reader, const struct group *left, const struct group *right,
			   const char *path, size_t offset)
{
	int code = 0;
	for (size_t i = 0; !code && i < right->count; i++)
		for (size_t k = 0; !code && k < left->count; k++)
			code = add_constraint(reader, left->points[k], right->points[i], path, offset);
	return code;
}

/* "POINT < POINT < POINT" */
static int read_chain(const struct reader *reader, const char *text, const char *path)
{
	struct group left = {.count = 0}, right;
	size_t at = 0, links = 0;
	for (bool is_last = false; !is_last; links++) {
		size_t offset = at + strspn(text + at, " \t\n");
		size_t end = at + strcspn(text + at, "<"), length = end - offset;
		while (length && strchr(" \t\n", text[offset + length - 1]))
			length--;
		if (end < offset || length == 0)
			return COMPLAIN(reader, path, at, "a point is missing: expected POINT < POINT");
		int code = read_group(reader, path, offset, text + offset, length, &right);
		if (!code && links)
			code = add_constraints(reader, &left, &right, path, offset);
		if (code)
			return code;
		left = right;
		is_last = text[end] == '\0';
		at = end + 1;
	}
	return links > 1 ? 0 : COMPLAIN(reader, path, 0, "'%s' orders nothing: expected POINT < POINT", text);
}

static int read_signal(const struct reader *reader, const char *name, const char *path, int *ret_signal)
{
	int number = name ? signal_by_name(name, (unsigned)strlen(name)) : SIGTERM;
	if (number <= 0)
		return COMPLAIN(reader, path, 0,
				"'%.40s' is no signal: expected a name such as SIGINT or SIGKILL", name);
	*ret_signal = number;
	return 0;
}

/* A deed of the harness, without what it waits for. */
static int add_deed(const struct reader *reader, int signal, const char *to, const char *path,
		    struct deed **ret_deed)
{
	struct order_plan *plan = reader->plan;
	if (plan->deed_count == DEEDS_MOST || plan->order.point_count == ORDER_POINTS)
		return COMPLAIN(reader, path, 0, "too many signals: at most %d", DEEDS_MOST);
	struct deed *deed = &plan->deeds[plan->deed_count++];
	*deed = (struct deed){.point = plan->order.point_count++, .trigger = ORDER_NOWHERE, .signal = signal};
	snprintf(deed->to, sizeof deed->to, "%s", to);
	plan->order.points[deed->point] = (struct order_point){.place = ORDER_NOWHERE, .n = 1};
	*ret_deed = deed;
	return 0;
}

/* The one role that TEXT names. */
static int read_receiver(const struct reader *reader, const char *text, const char *path,
			 char ret_role[ROLE_MAX])
{
	struct part_range range;
	const char *child = strchr(text, '@');
	int code = find_parts(reader, text, path, 0, &range);
	if (code)
		return code;
	const struct part *part = &reader->parts->list[range.first];
	if (range.count > 1)
		return COMPLAIN(reader, path, 0, "'%s' has %zu instances: expected one of them, such as '%s'",
				text, range.count, part->role);
	snprintf(ret_role, ROLE_MAX, "%s%s", part->role, child ? child : "");
	return 0;
}

static int read_deed(const struct reader *reader, const struct scenario_signal *signal, unsigned index)
{
	char path[PATH_TEXT], to[ROLE_MAX];
	struct group at = {.count = 0};
	struct deed *deed = NULL;
	int number = 0;
	snprintf(path, sizeof path, "signals[%u]", index);
	if (!signal->after == !signal->before)
		return COMPLAIN(reader, path, 0,
				signal->after ? "both 'after' and 'before': expected one of them"
					      : "neither 'after' nor 'before': expected one of them");
	snprintf(path, sizeof path, "signals[%u].signal", index);
	int code = read_signal(reader, signal->signal, path, &number);
	snprintf(path, sizeof path, "signals[%u].to", index);
	code = code ? code : read_receiver(reader, signal->to, path, to);
	const char *point = signal->after ? signal->after : signal->before;
	snprintf(path, sizeof path, "signals[%u].%s", index, signal->after ? "after" : "before");
	code = code ? code : read_group(reader, path, 0, point, strlen(point), &at);
	if (!code && at.count > 1)
		code = COMPLAIN(reader, path, 0, "'%s' stands for %zu points: expected one", point, at.count);
	code = code ? code : add_deed(reader, number, to, path, &deed);
	if (code)
		return code;
	const struct order_point *trigger = &reader->plan->order.points[at.points[0]];
	bool is_exit = reader->plan->order.places[trigger->place].event == EVENT_EXIT;
	if (signal->before) {
		deed->trigger = at.points[0];
		return 0;
	}
	if (is_exit && strcmp(reader->plan->order.places[trigger->place].role, to) == 0)
		return COMPLAIN(reader, path, 0, "nobody is there any more after '%s'", point);
	return add_constraint(reader, at.points[0], deed->point, path, 0);
}

static int read_stop(const struct reader *reader, size_t part)
{
	char path[PATH_TEXT];
	const struct part *mine = &reader->parts->list[part];
	const struct stop *stop = mine->process->stop;
	struct deed *deed = NULL;
	int number = 0;
	snprintf(path, sizeof path, "processes[%u].stop.signal", mine->index);
	int code = read_signal(reader, stop->signal, path, &number);
	code = code ? code : add_deed(reader, number, mine->role, path, &deed);
	if (code)
		return code;
	deed->is_stop = true;
	for (unsigned i = 0; !code && i < stop->after_count; i++) {
		struct group after = {.count = 0};
		snprintf(path, sizeof path, "processes[%u].stop.after[%u]", mine->index, i);
		code = read_group(reader, path, 0, stop->after[i], strlen(stop->after[i]), &after);
		for (size_t k = 0; !code && k < after.count; k++)
			code = add_constraint(reader, after.points[k], deed->point, path, 0);
	}
	return code;
}

static int read_start(const struct reader *reader, size_t part)
{
	const struct part *mine = &reader->parts->list[part];
	const struct scenario_process *process = mine->process;
	struct order_place place = {.event = EVENT_START};
	char path[PATH_TEXT];
	memcpy(place.role, mine->role, sizeof place.role);
	int start = order_plan_point(reader->plan, &place, 1), code = 0;
	for (unsigned i = 0; !code && i < process->start_after_count; i++) {
		struct group after = {.count = 0}, self = {.points = {(uint16_t)start}, .count = 1};
		snprintf(path, sizeof path, "processes[%u].start-after[%u]", mine->index, i);
		if (start < 0)
			return complain_room(reader, path, 0);
		code = read_group(reader, path, 0, process->start_after[i], strlen(process->start_after[i]),
				  &after);
		code = code ? code : add_constraints(reader, &after, &self, path, 0);
	}
	return code;
}

int order_text_read(const struct scenario *scenario, const struct parts *parts, struct document *document,
		    struct order_plan *plan, struct complaint *complaint)
{
	const struct reader reader = {parts, document, plan, complaint};
	char path[PATH_TEXT];
	int code = 0;
	for (unsigned i = 0; !code && i < scenario->order_count; i++) {
		snprintf(path, sizeof path, "order[%u]", i);
		code = read_chain(&reader, scenario->order[i], path);
	}
	for (size_t i = 0; !code && i < parts->count; i++)
		code = parts->list[i].process->start_after_count ? read_start(&reader, i) : 0;
	for (unsigned i = 0; !code && i < scenario->signals_count; i++)
		code = read_deed(&reader, &scenario->signals[i], i);
	for (size_t i = 0; !code && i < parts->count; i++)
		code = parts->list[i].process->stop ? read_stop(&reader, i) : 0;
	return code;
}
