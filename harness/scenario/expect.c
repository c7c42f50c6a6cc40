// SPDX-License-Identifier: MIT
// scenario: what happened in a run against what was expected: findings, order, signals, time.
#include "expect.h"

#include "value.h"

#include <inttypes.h>
#include <string.h>

static void count_findings(struct outcome_of_run *run)
{
	for (size_t i = 0; i < run->findings->count; i++) {
		const struct finding *finding = &run->findings->list[i];
		uint64_t count = finding->count ? finding->count : 1;
		run->found[finding->id] += count;
		if (finding->severity >= SEVERITY_WARNING)
			run->serious[finding->id] += count;
	}
}

/* What the scenario says about findings of that id: whether it names it, and how many it wants. */
static bool find_expected(const struct expectations *expect, const char *name, struct count_range *ret_range)
{
	for (unsigned i = 0; expect && i < expect->findings_count; i++) {
		size_t length;
		if (counted_parse(expect->findings[i], &length, ret_range) == 0 && strlen(name) == length &&
		    memcmp(expect->findings[i], name, length) == 0)
			return true;
	}
	*ret_range = (struct count_range){0, 0};
	return false;
}

static void expect_findings(struct outcome_of_run *run, struct lines *lines)
{
	const struct expectations *expect = run->ready->play.scenario->expect;
	for (int id = 0; id < FINDING_COUNT; id++) {
		const char *name = finding_row((enum finding_id)id)->name;
		struct count_range range;
		char wanted[64];
		bool is_named = find_expected(expect, name, &range);
		uint64_t count = is_named ? run->found[id] : run->serious[id];
		if (count >= range.least && count <= range.most)
			continue;
		run->is_unexpected[id] = count > range.most;
		lines_put(lines, "findings: %s: %" PRIu64 ", expected %s\n", name, count,
			  count_say(&range, wanted));
	}
}

static bool is_reached(const struct outcome_of_run *run, uint32_t point)
{
	const struct order_point *last = &run->stage->last->points[point];
	return last->place == ORDER_NOWHERE ? last->passed == ORDER_PASSED : last->reached;
}

static void put_constraint(struct lines *lines, const struct outcome_of_run *run,
			   const struct constraint *constraint, uint32_t missing)
{
	char left[POINT_TEXT], right[POINT_TEXT], point[POINT_TEXT];
	lines_put(lines, "order: %s < %s was never tried: %s never came\n",
		  order_plan_say(run->ready->order, constraint->left, left),
		  order_plan_say(run->ready->order, constraint->right, right),
		  order_plan_say(run->ready->order, missing, point));
}

static void expect_order(const struct outcome_of_run *run, struct lines *lines)
{
	const struct order_plan *plan = run->ready->order;
	char point[POINT_TEXT];
	for (size_t i = 0; i < plan->constraint_count; i++) {
		const struct constraint *constraint = &plan->constraints[i];
		bool is_deed = plan->order.points[constraint->right].place == ORDER_NOWHERE;
		if (is_deed) /* said below, once */
			continue;
		if (run->stage->last->points[constraint->left].passed != ORDER_PASSED)
			put_constraint(lines, run, constraint, constraint->left);
		else if (!is_reached(run, constraint->right))
			put_constraint(lines, run, constraint, constraint->right);
	}
	for (size_t i = 0; i < plan->deed_count; i++) {
		const struct deed *deed = &plan->deeds[i];
		if (run->stage->deeds[i] == DEED_AHEAD)
			lines_put(lines, "signals: %s was never sent: its point never came\n",
				  order_plan_say(plan, deed->point, point));
		else if (run->stage->deeds[i] == DEED_VAIN && !deed->is_stop)
			lines_put(lines, "signals: %s was sent in vain: nobody was there\n",
				  order_plan_say(plan, deed->point, point));
	}
}

static void expect_time(const struct outcome_of_run *run, bool expected, struct lines *lines)
{
	const struct parts *parts = run->ready->parts;
	if (!run->evidence->timed_out) {
		if (expected)
			lines_put(lines, "timed-out: it ended by itself, expected it to hang\n");
		return;
	}
	if (expected)
		return;
	lines_put(lines, "timeout: not over after %" PRId64 " ms:", run->ready->timeout_ms);
	bool is_first = true;
	for (size_t i = 0; i < parts->count; i++) {
		const struct part_end *end = &run->stage->ends[i];
		bool was_killed = end->state == MEMBER_WAITING || run->stage->is_late[i];
		if (!was_killed)
			continue;
		lines_put(lines, "%s %s", is_first ? "" : ",", parts->list[i].role);
		is_first = false;
	}
	lines_put(lines, "%s\n%s", is_first ? " only their children were left" : "", run->stage->waiting);
}

void expect_check(struct outcome_of_run *run, struct lines *lines, bool *ret_beyond)
{
	const struct stage *stage = run->stage;
	const struct expectations *expect = run->ready->play.scenario->expect;
	bool expects_timeout = expect && expect->timed_out;
	count_findings(run);
	*ret_beyond = true;
	if (stage->exec_errno) {
		const struct part *part = &run->ready->parts->list[stage->failed];
		const char *folder = part->process->folder;
		lines_put(lines, "%s: %s cannot be executed%s%s: %s\n", part->role,
			  run->ready->programs[stage->failed].argv[0], folder ? " in the folder " : "",
			  folder ? folder : "", strerror(stage->exec_errno));
		return;
	}
	if (stage->is_given_up) {
		lines_put(lines, "order: it cannot be met:\n%s", stage->why);
		return;
	}
	expect_time(run, expects_timeout, lines);
	expect_processes(run, lines);
	if (!run->evidence->timed_out || expects_timeout)
		expect_order(run, lines);
	expect_segments(run, lines);
	*ret_beyond = lines->length > 0;
	expect_findings(run, lines);
}
