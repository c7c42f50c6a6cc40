// SPDX-License-Identifier: MIT
// protocol: reads the text of rules into a plan; all or nothing.
#include "plan_key.h"

#include <errno.h>
#include <string.h>

#define CALLS_EXPECTED "ftok, shmget, shmat, shmdt, shmctl, shmctl.RMID and the like, or all"
enum { ALL_CALLS = (1 << CALL_COUNT) - 1 };

static int unknown_command(struct rule_reader *reader, struct word suffix)
{
	struct nearest nearest = {0};
	unsigned count;
	const struct shmctl_row *rows = shmctl_rows(&count);

	for (unsigned i = 0; i < count; i++)
		nearest_try(&nearest, suffix, rows[i].suffix);
	return rule_fail(reader, suffix, "unknown command of shmctl",
			 "RMID, STAT, SET, LOCK, UNLOCK and the like", nearest.name);
}

/* shmctl.RMID; shmctl.IPC_RMID is understood as well. */
static int read_command(struct rule_reader *reader, struct word call, struct word suffix)
{
	struct plan_rule *rule = reader->rule;
	unsigned count;
	const struct shmctl_row *rows = shmctl_rows(&count);

	for (unsigned i = 0; i < count; i++) {
		if (!word_is(suffix, rows[i].suffix) && !word_is(suffix, rows[i].name))
			continue;
		if (rule->commands & 1u << i)
			return rule_fail(reader, call, "this call was named before", NULL, NULL);
		rule->commands |= 1u << i;
		rule->calls |= 1 << CALL_SHMCTL;
		return 0;
	}
	return unknown_command(reader, suffix);
}

static int unknown_call(struct rule_reader *reader, struct word call)
{
	struct nearest nearest = {0};

	for (unsigned i = 0; i < CALL_COUNT; i++)
		nearest_try(&nearest, call, call_row(i)->name);
	nearest_try(&nearest, call, "all");
	return rule_fail(reader, call, call.length ? "unknown call" : "a call is missing here",
			 CALLS_EXPECTED, nearest.name);
}

static int read_call(struct rule_reader *reader, struct word text)
{
	struct plan_rule *rule = reader->rule;
	struct word suffix, name = word_cut(text, '.', &suffix);
	int call;

	if (word_is(text, "all")) {
		if (rule->calls)
			return rule_fail(reader, text, "all beside other calls", "all alone, or the calls",
					 NULL);
		rule->calls = ALL_CALLS;
		rule->commands = shmctl_bits();
		return 0;
	}
	call = call_by_name(name.text, (unsigned)name.length);
	if (call < 0)
		return unknown_call(reader, name);
	if (suffix.text && call != CALL_SHMCTL)
		return rule_fail(reader, suffix, "only shmctl has commands", NULL, NULL);
	if (suffix.text)
		return read_command(reader, text, suffix);
	if (rule->calls & 1u << call)
		return rule_fail(reader, text, "this call was named before", NULL, NULL);
	rule->calls |= (uint8_t)(1u << call);
	if (call == CALL_SHMCTL)
		rule->commands = shmctl_bits();
	return 0;
}

static bool is_role_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.-@*?[]!^", c));
}

static int read_role(struct rule_reader *reader, struct word role)
{
	if (!role.length)
		return rule_fail(reader, role, "a role is missing before the '/'",
				 "a name such as main or main@*", NULL);
	if (role.length >= PLAN_PATTERN)
		return rule_fail(reader, role, "this role is too long", "at most 127 characters", NULL);
	for (size_t i = 0; i < role.length; i++)
		if (!is_role_character(role.text[i]))
			return rule_fail(reader, word_of(role.text + i, 1), "not allowed in a role",
					 "a name such as main, main@2 or main@*", NULL);
	memcpy(reader->rule->role, role.text, role.length);
	return 0;
}

static int read_head(struct rule_reader *reader, struct word head)
{
	struct word rest, call, role = word_cut(head, '/', &rest);

	if (rest.text) {
		if (read_role(reader, role))
			return -EINVAL;
		head = rest;
	}
	do {
		call = word_cut(head, ',', &rest);
		if (read_call(reader, call))
			return -EINVAL;
		head = rest;
	} while (head.text);
	return 0;
}

static int read_rule(struct word text, struct plan_rule *rule, struct rule_error *error)
{
	struct rule_reader reader = {.rule = rule, .error = error};
	struct word rest, head = word_cut(text, ':', &rest);

	memset(rule, 0, sizeof(*rule));
	if (read_head(&reader, head))
		return -EINVAL;
	while (rest.text) {
		struct word key = word_cut(rest, ':', &rest);

		if (rule_read_key(&reader, key))
			return -EINVAL;
	}
	return rule_check(&reader, head);
}

/* Equal filters and scope see the same calls: one counter serves them, as long as it has not begun to run. */
static uint32_t counter_for(struct plan *plan, const struct plan_rule *rule)
{
	for (uint32_t i = 0; i < plan->rule_count; i++) {
		const struct plan_rule *other = &plan->rules[i];

		if (other->calls == rule->calls && other->commands == rule->commands &&
		    other->scope == rule->scope && strcmp(other->role, rule->role) == 0 &&
		    strcmp(other->inside, rule->inside) == 0 &&
		    memcmp(&other->condition, &rule->condition, sizeof(rule->condition)) == 0 &&
		    __atomic_load_n(&plan->counters[other->counter].matches, __ATOMIC_RELAXED) == 0)
			return other->counter;
	}
	return plan->counter_count++;
}

/* Takes back what was added since COUNT rules and COUNTERS counters. */
static void truncate_plan(struct plan *plan, uint32_t count, uint32_t counters)
{
	memset(&plan->rules[count], 0, (plan->rule_count - count) * sizeof(plan->rules[0]));
	plan->rule_count = count;
	plan->counter_count = counters;
}

static int add_rule(struct plan *plan, struct word text, struct rule_error *error)
{
	struct plan_rule *rule = &plan->rules[plan->rule_count];
	int result;

	if (plan->rule_count == PLAN_RULES) {
		*error =
		    (struct rule_error){.word = text, .what = "too many rules", .expected = "at most 64"};
		return -ENOSPC;
	}
	result = read_rule(text, rule, error);
	for (uint32_t i = 0; !result && rule->name[0] && i < plan->rule_count; i++) {
		if (strcmp(plan->rules[i].name, rule->name) != 0)
			continue;
		*error = (struct rule_error){.word = text, .what = "an earlier rule has the same name"};
		result = -EINVAL;
	}
	if (result) {
		memset(rule, 0, sizeof(*rule));
		return result;
	}
	rule->counter = counter_for(plan, rule);
	plan->rule_count++;
	return 0;
}

/* The next rule from *OFFSET on, without blanks and comment; empty ones are skipped. False at the end. */
static bool next_rule(const char *text, size_t length, size_t *offset, struct word *ret_rule)
{
	while (*offset < length) {
		size_t start = *offset, end, next;

		while (start < length && (text[start] == ' ' || text[start] == '\t' || text[start] == '\r'))
			start++;
		for (end = start; end < length && text[end] != ';' && text[end] != '\n'; end++)
			if (text[end] == '#' &&
			    (end == start || text[end - 1] == ' ' || text[end - 1] == '\t'))
				break;
		next = end;
		if (end < length && text[end] == '#')
			while (next < length && text[next] != '\n')
				next++;
		*offset = next < length ? next + 1 : length;
		while (end > start &&
		       (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\r'))
			end--;
		*ret_rule = word_of(text + start, end - start);
		if (end > start)
			return true;
	}
	return false;
}

static void place_error(const char *text, const struct rule_error *error, unsigned rule,
			struct plan_error *ret_error)
{
	size_t start = (size_t)(error->word.text - text);

	*ret_error = (struct plan_error){.rule = rule,
					 .line = 1,
					 .start = start,
					 .length = error->word.length,
					 .what = error->what,
					 .expected = error->expected,
					 .nearest = error->nearest};
	for (size_t i = 0; i < start; i++) {
		if (text[i] != '\n')
			continue;
		ret_error->line++;
		ret_error->line_start = i + 1;
	}
	ret_error->column = (unsigned)(start - ret_error->line_start) + 1;
}

int plan_parse(struct plan *plan, const char *text, size_t length, struct plan_error *ret_error)
{
	uint32_t count = plan->rule_count, counters = plan->counter_count;
	struct rule_error error;
	struct word rule;
	size_t offset = 0;
	unsigned number = 0;

	while (next_rule(text, length, &offset, &rule)) {
		int result = add_rule(plan, rule, &error);

		number++;
		if (!result)
			continue;
		truncate_plan(plan, count, counters);
		place_error(text, &error, number, ret_error);
		return result;
	}
	plan_index(plan);
	return 0;
}
