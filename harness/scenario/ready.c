// SPDX-License-Identifier: MIT
// scenario: a scenario that was found to mean something, compiled for its runs.
#include "ready.h"

#include "condition.h"
#include "harness/duration.h"
#include "harness/launch/target.h"
#include "harness/user_file.h"
#include "locate.h"
#include "validate.h"
#include "value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TIMEOUT_MS = 30000, RULE_SLOTS = 4096 };

static int make_rules(const struct validation *validation, struct ready *ready)
{
	const struct scenario *scenario = ready->play.scenario;
	uint64_t size = plan_size(RULE_SLOTS);
	if (!scenario->inject_count)
		return 0;
	ready->rules = aligned_alloc(64, (size + 63) & ~UINT64_C(63));
	if (!ready->rules || plan_init(ready->rules, size, scenario->seed))
		return -ENOMEM;
	ready->rules_size = size;
	return validate_rules(validation, ready->rules);
}

static const char *find_skip(const struct play *play, const char *const *programs)
{
	for (unsigned i = 0; i < play->scenario->skip_count; i++) {
		const struct skip *skip = &play->scenario->skip[i];
		bool holds =
		    condition_holds(skip->unless ? skip->unless : skip->when, play->script->folder, programs);
		if (holds == !skip->unless)
			return skip->why;
	}
	return NULL;
}

/* The arguments, with the program's own path in front. */
static char **make_argv(const struct scenario_process *process, const char *path)
{
	char **argv = calloc(process->command_count + 1, sizeof *argv);
	for (unsigned i = 0; argv && i < process->command_count; i++)
		argv[i] = process->command[i];
	if (argv && !(argv[0] = strdup(path))) {
		free(argv);
		argv = NULL;
	}
	return argv;
}

static char **make_environment(const struct scenario_process *process)
{
	char **environment = calloc(process->environment_count + 1, sizeof *environment);
	for (unsigned i = 0; environment && i < process->environment_count; i++)
		environment[i] = process->environment[i];
	return environment;
}

static char *make_folder(const struct play *play, const struct scenario_process *process)
{
	char path[PATH_MAX];
	if (!process->folder)
		return strdup(play->work);
	return locate_file(process->folder, play->script->folder, path) ? NULL : strdup(path);
}

static int find_program(struct ready *ready, const struct part *part, const char *const *programs,
			char ret_path[PATH_MAX], struct complaint *complaint)
{
	struct validation validation = {&ready->play, ready->parts, complaint};
	const char *name = part->process->command[0];
	char path[VALIDATE_PATH];
	struct target target;
	int code = locate_program(name, ready->play.script->folder, programs, ret_path);
	code = code ? code : target_inspect(ret_path, &target);
	snprintf(path, sizeof path, "processes[%u].command[0]", part->index);
	if (code == -EACCES)
		return INVALID(&validation, path, 0, "'%.200s' cannot be executed: expected a program", name);
	if (code && strchr(name, '/'))
		return INVALID(&validation, path, 0,
			       "no program '%.200s': looked from %.200s, from each --programs, and in the "
			       "folder scenarios beside shmcheck",
			       name, ready->play.script->folder);
	if (code)
		return INVALID(&validation, path, 0, "no program '%.200s' in PATH", name);
	return 0;
}

/* Below the folder of the run itself it may come to be while it runs. */
static int check_folder(struct ready *ready, const struct part *part, const char *folder,
			struct complaint *complaint)
{
	struct validation validation = {&ready->play, ready->parts, complaint};
	size_t length = strlen(ready->play.work);
	char path[VALIDATE_PATH];
	struct stat status;
	if (strncmp(folder, ready->play.work, length) == 0 ||
	    (stat(folder, &status) == 0 && S_ISDIR(status.st_mode)))
		return 0;
	snprintf(path, sizeof path, "processes[%u].folder", part->index);
	return INVALID(&validation, path, 0, "no folder '%.200s': looked from %.200s", part->process->folder,
		       ready->play.script->folder);
}

static int check_input(struct ready *ready, const struct part *part, struct complaint *complaint)
{
	struct validation validation = {&ready->play, ready->parts, complaint};
	const char *name = part->process->input_file;
	char file[PATH_MAX], path[VALIDATE_PATH];
	if (!name)
		return 0;
	int code = locate_file(name, ready->play.script->folder, file);
	code = code ? code : user_file_check_input(file);
	if (!code)
		return 0;
	snprintf(path, sizeof path, "processes[%u].stdin-file", part->index);
	return INVALID(&validation, path, 0, "the stdin-file '%.200s' cannot be read: %s", name,
		       user_file_error(code));
}

static int find_user(struct ready *ready, const struct part *part, struct launch_user *user,
		     struct complaint *complaint)
{
	struct validation validation = {&ready->play, ready->parts, complaint};
	char path[VALIDATE_PATH];
	if (!part->process->user)
		return 0;
	snprintf(path, sizeof path, "processes[%u].user", part->index);
	if (geteuid() != 0)
		return INVALID(&validation, path, 0,
			       "'user' needs root: expected a 'skip' for others ({unless: root, why: ...})");
	ready->has_users = true;
	return user_parse(part->process->user, user);
}

static int make_programs(struct ready *ready, const char *const *programs, struct complaint *complaint)
{
	size_t count = ready->parts->count;
	ready->programs = calloc(count, sizeof *ready->programs);
	ready->users = calloc(count, sizeof *ready->users);
	if (!ready->programs || !ready->users)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct part *part = &ready->parts->list[i];
		struct launch_program *program = &ready->programs[i];
		char path[PATH_MAX];
		int code = find_program(ready, part, programs, path, complaint);
		code = code ? code : find_user(ready, part, &ready->users[i], complaint);
		if (code)
			return code;
		program->argv = make_argv(part->process, path);
		program->environment = make_environment(part->process);
		program->folder = make_folder(&ready->play, part->process);
		if (!program->argv || !program->environment || !program->folder)
			return -ENOMEM;
		code = check_folder(ready, part, program->folder, complaint);
		code = code ? code : check_input(ready, part, complaint);
		if (code)
			return code;
		program->role = part->role;
		program->user = part->process->user ? &ready->users[i] : NULL;
		program->waits = ready->order->start[i] >= 0;
	}
	return 0;
}

static int check_owners(struct ready *ready, struct complaint *complaint)
{
	struct validation validation = {&ready->play, ready->parts, complaint};
	char path[VALIDATE_PATH];
	for (unsigned i = 0; i < ready->play.scenario->segments_count; i++) {
		snprintf(path, sizeof path, "segments[%u].owner", i);
		if (ready->play.scenario->segments[i].owner && geteuid() != 0)
			return INVALID(
			    &validation, path, 0,
			    "'owner' needs root: expected a 'skip' for others ({unless: root, why: "
			    "...})");
	}
	return 0;
}

static int compile(struct ready *ready, const char *const *programs, struct complaint *complaint)
{
	const struct scenario *scenario = ready->play.scenario;
	struct validation validation = {&ready->play, ready->parts, complaint};
	int code = validate_names(&ready->play, complaint);
	if (!code && parts_make(scenario, ready->parts))
		code = INVALID(&validation, "processes", 0, "too many processes: at most %d", SCENARIO_ROLES);
	code = code ? code : validate_scenario(&validation);
	code = code ? code
		    : order_plan_make(scenario, ready->parts, &ready->play.document, ready->order, complaint);
	code = code ? code : make_rules(&validation, ready);
	if (code)
		return code;
	ready->timeout_ms = TIMEOUT_MS;
	ready->linger_ms = LINGER_MS;
	if (scenario->timeout)
		duration_parse(scenario->timeout, &ready->timeout_ms);
	if (scenario->linger)
		duration_parse(scenario->linger, &ready->linger_ms);
	ready->skip = find_skip(&ready->play, programs);
	if (ready->skip)
		return 0;
	code = check_owners(ready, complaint);
	return code ? code : make_programs(ready, programs, complaint);
}

int ready_make(const struct script *script, size_t index, const char *work, const char *const *programs,
	       struct ready *ret_ready, struct complaint *complaint)
{
	struct ready ready = {.parts = calloc(1, sizeof *ready.parts),
			      .order = calloc(1, sizeof *ready.order)};
	int code = ready.parts && ready.order ? 0 : -ENOMEM;
	code = code ? code : play_load(script, index, work, &ready.play, complaint);
	if (code) {
		free(ready.parts);
		free(ready.order);
		return code;
	}
	code = compile(&ready, programs, complaint);
	if (code) {
		if (!complaint->text[0])
			snprintf(complaint->text, sizeof complaint->text, "%.400s: %s", script->path,
				 strerror(-code));
		ready_free(&ready);
		return code;
	}
	*ret_ready = ready;
	return 0;
}

void ready_launch(const struct ready *ready, const struct launch_program *programs,
		  const struct launch_director *director, struct launch_options *ret_options)
{
	const struct limits *limits = ready->play.scenario->limits;
	*ret_options = (struct launch_options){.argv = programs[0].argv,
					       .role = "main",
					       .programs = programs,
					       .program_count = ready->parts->count,
					       .director = director,
					       .isolate = ISOLATE_IPC,
					       .limits = {-1, -1, -1},
					       .stacks = STACKS_ALL,
					       .timeout_ms = ready->timeout_ms,
					       .linger_ms = ready->linger_ms,
					       .kill_survivors = true,
					       .watch_crashes = ready->play.scenario->crashes,
					       .passes_over_kernel_log = true,
					       .sleep_scale_ppm = 1000000,
					       .plan = ready->rules,
					       .plan_size = ready->rules_size};
	if (ready->order->order.point_count)
		ret_options->order = &ready->order->order;
	if (limits && limits->shmmni)
		ret_options->limits.shmmni = *limits->shmmni;
	if (limits && limits->shmmax)
		ret_options->limits.shmmax = *limits->shmmax;
	if (limits && limits->shmall)
		ret_options->limits.shmall = *limits->shmall;
}

void ready_free(struct ready *ready)
{
	for (size_t i = 0; ready->programs && i < ready->parts->count; i++) {
		struct launch_program *program = &ready->programs[i];
		if (program->argv)
			free(program->argv[0]);
		free(program->argv);
		free((char **)program->environment);
		free((char *)program->folder);
	}
	free(ready->programs);
	free(ready->users);
	free(ready->rules);
	free(ready->order);
	free(ready->parts);
	play_free(&ready->play);
}
