// SPDX-License-Identifier: MIT
// scenario: whether a loaded scenario means something: names, numbers and texts that have to fit together.
#include "validate.h"

#include "condition.h"
#include "harness/duration.h"
#include "protocol/plan.h"
#include "value.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MOST = 40, INSTANCES_MOST = 64 };

static bool is_name(const char *text)
{
	size_t length = strlen(text);
	if (!isalpha((unsigned char)*text) || length > NAME_MOST || strcmp(text, "all") == 0 ||
	    strcmp(text, "others") == 0)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-')
			return false;
	return true;
}

/* Whether process B takes a role that A has: by its own name or by one of its instances. */
static bool is_taken(const struct scenario_process *a, const struct scenario_process *b)
{
	char role[ROLE_MAX];
	if (strcmp(a->name, b->name) == 0)
		return true;
	for (uint32_t k = 1; a->instances && k <= *a->instances; k++) {
		snprintf(role, sizeof role, "%s-%u", a->name, k);
		if (strcmp(role, b->name) == 0)
			return true;
	}
	return false;
}

int validate_names(struct play *play, struct complaint *complaint)
{
	const struct scenario *scenario = play->scenario;
	const struct validation validation = {play, NULL, complaint};
	char path[VALIDATE_PATH];
	for (unsigned i = 0; i < scenario->processes_count; i++) {
		const struct scenario_process *process = &scenario->processes[i];
		snprintf(path, sizeof path, "processes[%u].name", i);
		if (!is_name(process->name))
			return INVALID(&validation, path, 0,
				       "'%.60s' is no name of a process: expected letters, digits, _ and -, "
				       "the first a letter, at most %d, and not 'all' or 'others'",
				       process->name, NAME_MOST);
		for (unsigned k = 0; k < i; k++)
			if (is_taken(&scenario->processes[k], process) ||
			    is_taken(process, &scenario->processes[k]))
				return INVALID(&validation, path, 0,
					       "the name '%s' is given twice: expected one that no other "
					       "process has",
					       process->name);
		snprintf(path, sizeof path, "processes[%u].instances", i);
		if (process->instances && (*process->instances < 1 || *process->instances > INSTANCES_MOST))
			return INVALID(&validation, path, 0,
				       "'instances' is %u: expected a whole number from 1 to %d",
				       *process->instances, INSTANCES_MOST);
	}
	return 0;
}

static int validate_user(const struct validation *validation, const char *user, const char *path)
{
	struct launch_user found;
	if (user && user_parse(user, &found))
		return INVALID(validation, path, 0, "no user '%.60s': expected a name or a number of a user",
			       user);
	return 0;
}

static int validate_environment(const struct validation *validation, unsigned index)
{
	const struct scenario_process *process = &validation->play->scenario->processes[index];
	char path[VALIDATE_PATH];
	for (unsigned i = 0; i < process->environment_count; i++) {
		const char *entry = process->environment[i];
		snprintf(path, sizeof path, "processes[%u].environment[%u]", index, i);
		if (*entry == '=' || *entry == '\0')
			return INVALID(validation, path, 0,
				       "'%.40s': expected NAME=VALUE, or NAME to remove it", entry);
		if (strncmp(entry, "SHMCHECK_", 9) == 0)
			return INVALID(validation, path, 0,
				       "'%.40s': the SHMCHECK_ variables are shmcheck's own", entry);
	}
	return 0;
}

static int validate_process(const struct validation *validation, unsigned index)
{
	const struct scenario_process *process = &validation->play->scenario->processes[index];
	char path[VALIDATE_PATH];
	snprintf(path, sizeof path, "processes[%u].command[0]", index);
	if (!process->command[0][0])
		return INVALID(validation, path, 0, "the program has no name: expected a program");
	snprintf(path, sizeof path, "processes[%u].stdin-file", index);
	if (process->input && process->input_file)
		return INVALID(validation, path, 0, "both 'stdin' and 'stdin-file': expected one of them");
	snprintf(path, sizeof path, "processes[%u].user", index);
	int code = validate_user(validation, process->user, path);
	return code ? code : validate_environment(validation, index);
}

static int validate_duration(const struct validation *validation, const char *path, const char *value)
{
	int64_t ms;
	if (value && duration_parse(value, &ms))
		return INVALID(validation, path, 0,
			       "'%s' is '%.40s': expected a duration such as 500ms, 5s or 2m", path, value);
	if (value && ms == 0)
		return INVALID(validation, path, 0, "'%s' is '%.40s': must be longer than nothing", path,
			       value);
	return 0;
}

static int validate_limit(const struct validation *validation, const char *path, const int64_t *value,
			  int64_t most)
{
	if (value && (*value < 0 || *value > most))
		return INVALID(validation, path, 0, "'%s': expected a whole number from 0 to %lld",
			       strchr(path, '.') + 1, (long long)most);
	return 0;
}

static int validate_skips(const struct validation *validation)
{
	const struct scenario *scenario = validation->play->scenario;
	char path[VALIDATE_PATH];
	for (unsigned i = 0; i < scenario->skip_count; i++) {
		const struct skip *skip = &scenario->skip[i];
		snprintf(path, sizeof path, "skip[%u]", i);
		if (!skip->unless == !skip->when)
			return INVALID(validation, path, 0,
				       skip->unless ? "both 'unless' and 'if': expected one of them"
						    : "neither 'unless' nor 'if': expected one of them");
		const char *condition = skip->unless ? skip->unless : skip->when;
		snprintf(path, sizeof path, "skip[%u].%s", i, skip->unless ? "unless" : "if");
		if (!condition_is_known(condition))
			return INVALID(validation, path, 0,
				       "unknown condition '%.60s': expected root, namespace, command:NAME, "
				       "environment:NAME, file:PATH or architecture:NAME",
				       condition);
	}
	return 0;
}

int validate_scenario(const struct validation *validation)
{
	const struct scenario *scenario = validation->play->scenario;
	const struct limits *limits = scenario->limits;
	int code = 0;
	if (!scenario->name[0])
		return INVALID(validation, "name", 0, "'name' is empty: expected a text");
	for (unsigned i = 0; !code && i < scenario->processes_count; i++)
		code = validate_process(validation, i);
	code = code ? code : validate_duration(validation, "timeout", scenario->timeout);
	code = code ? code : validate_duration(validation, "linger", scenario->linger);
	if (!code && scenario->repeat && (*scenario->repeat < 1 || *scenario->repeat > 1000000))
		code =
		    INVALID(validation, "repeat", 0,
			    "'repeat' is %u: expected a whole number from 1 to 1000000", *scenario->repeat);
	if (!code && limits) {
		code = validate_limit(validation, "limits.shmmni", limits->shmmni, 32768);
		code = code ? code : validate_limit(validation, "limits.shmmax", limits->shmmax, INT64_MAX);
		code = code ? code : validate_limit(validation, "limits.shmall", limits->shmall, INT64_MAX);
	}
	code = code ? code : validate_skips(validation);
	code = code ? code : validate_segments(validation);
	return code ? code : validate_expectations(validation);
}

/* Whether some process of the scenario can have a role that PATTERN matches. */
static bool has_role(const struct parts *parts, const char *pattern)
{
	static const char *const children[] = {"", "@1", "@1@1"};
	char stem[PLAN_PATTERN], role[ROLE_MAX + 8];
	snprintf(stem, sizeof stem, "%.*s", (int)strcspn(pattern, "@"), pattern);
	for (size_t i = 0; i < parts->count; i++)
		for (unsigned k = 0; k < sizeof children / sizeof *children; k++) {
			snprintf(role, sizeof role, "%s%s", parts->list[i].role, children[k]);
			if (plan_glob(pattern, role, strlen(role)) || plan_glob(stem, role, strlen(role)))
				return true;
		}
	return false;
}

static int validate_rule(const struct validation *validation, struct plan *plan, unsigned index)
{
	const char *text = validation->play->scenario->inject[index];
	struct plan_error error = {0};
	char path[VALIDATE_PATH];
	uint32_t before = plan->rule_count;
	snprintf(path, sizeof path, "inject[%u]", index);
	int code = plan_parse(plan, text, strlen(text), &error);
	if (code)
		return INVALID(validation, path, error.start, "bad rule: %s%s%.*s%s%s%s%s", error.what,
			       error.length ? " '" : "", (int)(error.length < 60 ? error.length : 60),
			       text + error.start, error.length ? "'" : "",
			       error.nearest    ? ": did you mean '"
			       : error.expected ? ": expected "
						: "",
			       error.nearest    ? error.nearest
			       : error.expected ? error.expected
						: "",
			       error.nearest ? "'?" : "");
	if (plan->rule_count == before)
		return INVALID(validation, path, 0, "no rule in it: see shmcheck-rules(7)");
	for (uint32_t i = before; i < plan->rule_count; i++) {
		const char *role = plan->rules[i].role;
		if (!*role || has_role(validation->parts, role))
			continue;
		struct part_range range = parts_find(validation->parts, role);
		const char *near = parts_nearest(validation->parts, role);
		if (range.count)
			return INVALID(validation, path, 0,
				       "no process has the role '%s': it has instances: did you mean '%s-*'?",
				       role, role);
		return INVALID(validation, path, 0, "no process has the role '%s'%s%s%s", role,
			       near ? ": did you mean '" : ": expected a name of 'processes'",
			       near ? near : "", near ? "'?" : "");
	}
	return 0;
}

int validate_rules(const struct validation *validation, struct plan *plan)
{
	int code = 0;
	for (unsigned i = 0; !code && i < validation->play->scenario->inject_count; i++)
		code = validate_rule(validation, plan, i);
	return code;
}
