// SPDX-License-Identifier: MIT
// front end: the options of every command; those on running a program.
#include "options.h"

#include "command.h"
#include "harness/report/known.h"
#include "options_environment.h"
#include "options_judging.h"
#include "options_known.h"
#include "options_value.h"
#include "publish.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLEEP_SCALE_MOST = 1000 };

enum option_key {
	OPTION_ISOLATE = 256,
	OPTION_LIMITS,
	OPTION_STACKS,
	OPTION_TIMEOUT,
	OPTION_LINGER,
	OPTION_SLEEP_SCALE,
	OPTION_LOG,
	OPTION_ERROR_EXITCODE,
	OPTION_INJECT,
	OPTION_INJECT_FILE,
	OPTION_SEED,
	OPTION_CRASH,
	OPTION_USAGE
};

static const struct argp_option running_options[] = {
    {NULL, 0, NULL, 0, "Running the program:", 1},
    {"isolate", OPTION_ISOLATE, "auto|ipc|none", 0,
     "Private IPC namespace: where permitted (auto), always (ipc), never", 1},
    {"limits", OPTION_LIMITS, "LIST", 0, "The namespace's limits: shmmni=N,shmmax=BYTES,shmall=PAGES", 1},
    {"timeout", OPTION_TIMEOUT, "DURATION", 0,
     "Kill the whole tree then (run: none; explore: ten times what the baseline took)", 1},
    {"linger", OPTION_LINGER, "DURATION|forever", 0, "Wait so long for descendants after PROGRAM ended (5s)",
     1},
    {"sleep-scale", OPTION_SLEEP_SCALE, "F", 0, "The program's own sleeps take F times as long (1)", 1},
    {"inject", OPTION_INJECT, "RULE", 0, "Make calls fail: see shmcheck-rules(7); repeatable", 1},
    {"inject-file", OPTION_INJECT_FILE, "FILE", 0, "Rules, one a line, # comments; repeatable", 1},
    {"seed", OPTION_SEED, "N", 0, "Where the rules' probabilities start", 1},
    {0}};

/* What one run has and an exploration of many has not. */
static const struct argp_option once_options[] = {
    {"stacks", OPTION_STACKS, "none|create|all", 0, "Which events carry a call stack (all)", 1},
    {"crash", OPTION_CRASH, NULL, 0, "Trace the program (ptrace): address and stack of each crash", 1},
    {"log", OPTION_LOG, "FILE", 0, "Keep the event log in FILE", 1},
    {"error-exitcode", OPTION_ERROR_EXITCODE, "N", 0,
     "Status for findings when the program itself exits 0 (23)", 1},
    {0}};

static const struct argp_option help_options[] = {
    {"help", '?', NULL, 0, "Give this help list", -1},
    {"usage", OPTION_USAGE, NULL, 0, "Give a short usage message", -1},
    {0}};

static void parse_limits(struct argp_state *state, char *list, struct ipc_limits *limits)
{
	static char *const names[] = {"shmmni", "shmmax", "shmall", NULL};
	int64_t *const values[] = {&limits->shmmni, &limits->shmmax, &limits->shmall};
	static const char *const options_of[] = {"limits=shmmni", "limits=shmmax", "limits=shmall"};
	char *next = list, *value;
	unsigned given = 0;
	if (!*list)
		option_error(state, "--limits: the list is empty");
	while (*next) {
		char *item = next;
		int which = getsubopt(&next, names, &value);
		if (which < 0)
			option_error(
			    state,
			    "--limits: '%s' at column %td: expected shmmni=N, shmmax=BYTES or shmall=PAGES",
			    item, item - list + 1);
		else if (!value)
			option_error(state, "--limits: '%s' at column %td needs a number: %s=N", names[which],
				     item - list + 1, names[which]);
		else if (given & 1u << which)
			option_error(state, "--limits: %s at column %td is given twice", names[which],
				     item - list + 1);
		else
			*values[which] =
			    option_number(state, options_of[which], value, which ? INT64_MAX : 32768);
		given |= 1u << which;
	}
}

/* In parts of a million. */
static uint32_t parse_scale(struct argp_state *state, const char *value)
{
	char *end;
	double scale = strtod(value, &end);
	if (end == value || *end || !(scale >= 0 && scale <= SLEEP_SCALE_MOST))
		option_error(state, "--sleep-scale=%s: expected a number from 0 to %d, such as 0.05", value,
			     SLEEP_SCALE_MOST);
	uint32_t ppm = (uint32_t)(scale * 1e6 + 0.5);
	return ppm || scale == 0 ? ppm : 1;
}

static void add_text(struct argp_state *state, const char *text, const char **list, unsigned *count)
{
	if (*count == RULES_MAX)
		option_error(state, "at most %d rules or rule files", RULES_MAX);
	list[(*count)++] = text;
}

static error_t parse_running(int key, char *value, struct argp_state *state)
{
	struct options *options = state->input;
	struct launch_options *launch = &options->launch;
	static const char *const isolate[] = {"auto", "ipc", "none", NULL};
	switch (key) {
	case OPTION_ISOLATE:
		launch->isolate = option_choice(state, "isolate", value, isolate);
		return 0;
	case OPTION_LIMITS:
		parse_limits(state, value, &launch->limits);
		return 0;
	case OPTION_TIMEOUT:
		launch->timeout_ms = option_duration(state, "timeout", value);
		if (launch->timeout_ms == 0)
			option_error(state, "--timeout=%s: must be longer than nothing", value);
		return 0;
	case OPTION_LINGER:
		launch->linger_ms =
		    strcmp(value, "forever") == 0 ? -1 : option_duration(state, "linger", value);
		return 0;
	case OPTION_SLEEP_SCALE:
		launch->sleep_scale_ppm = parse_scale(state, value);
		return 0;
	case OPTION_INJECT:
		add_text(state, value, options->rules, &options->rule_count);
		return 0;
	case OPTION_INJECT_FILE:
		add_text(state, value, options->rule_files, &options->rule_file_count);
		return 0;
	case OPTION_SEED:
		options->seed = (uint64_t)option_number(state, "seed", value, INT64_MAX);
		options->seed_given = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_once(int key, char *value, struct argp_state *state)
{
	struct options *options = state->input;
	static const char *const stacks[] = {"none", "create", "all", NULL};
	switch (key) {
	case OPTION_STACKS:
		options->launch.stacks = option_choice(state, "stacks", value, stacks);
		return 0;
	case OPTION_CRASH:
		options->launch.watch_crashes = true;
		return 0;
	case OPTION_LOG:
		options->log_path = value;
		return 0;
	case OPTION_ERROR_EXITCODE:
		options->error_exitcode = (int)option_number(state, "error-exitcode", value, 255);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* The first word of the usage without what brackets it: PROGRAM of "[--] PROGRAM [ARG...]". */
static const char *operand_of(const struct command *command)
{
	static char word[64];
	const char *start = command->usage + strspn(command->usage, "[-] ");
	snprintf(word, sizeof word, "%.*s", (int)strcspn(start, " "), start);
	return word;
}

/* What follows is files: a word that looks like an option was meant as one. */
static void refuse_late_options(const struct argp_state *state)
{
	for (int i = state->next; i < state->argc; i++)
		if (state->argv[i][0] == '-' && state->argv[i][1])
			option_error(state, "options come first, but '%s' stands behind '%s'", state->argv[i],
				     state->argv[state->next - 1]);
}

/* What stands behind the options is the program (or file), untouched from there on. */
static error_t parse_rest(int key, char *value, struct argp_state *state)
{
	const struct command *command = ((struct options *)state->input)->command;
	switch (key) {
	case ARGP_KEY_INIT:
		/* one child each, as options_parse added them; argp's own root has others */
		for (unsigned i = 0; i < (unsigned)__builtin_popcount(command->takes); i++)
			state->child_inputs[i] = state->input;
		return 0;
	case '?':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case OPTION_USAGE:
		argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
		return 0;
	case ARGP_KEY_ARG:
		if (!command->operands)
			option_error(state, "no argument was expected, but '%s' follows", value);
		((struct options *)state->input)->launch.argv = state->argv + state->next - 1;
		if (command->takes && !(command->takes & TAKES_RUNNING) && !state->quoted)
			refuse_late_options(state);
		if (command->operands == 1 && state->next < state->argc)
			option_error(state, "only one %s, but '%s' follows", command->usage,
				     state->argv[state->next]);
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (command->operands)
			option_error(state, "%s is missing", operand_of(command));
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp running_argp = {running_options, parse_running, NULL, NULL, NULL, NULL, NULL};
static const struct argp once_argp = {once_options, parse_once, NULL, NULL, NULL, NULL, NULL};
static const struct argp help_argp = {help_options, NULL, NULL, NULL, NULL, NULL, NULL};

static void set_defaults(const struct command *command, struct options *options)
{
	static struct known known;
	*options = (struct options){.command = command,
				    .known = &known,
				    .launch = {.limits = {-1, -1, -1},
					       .stacks = STACKS_ALL,
					       .linger_ms = LINGER_MS,
					       .role = "main",
					       .sleep_scale_ppm = 1000000},
				    .show = SEVERITY_WARNING,
				    .fail_on = SEVERITY_ERROR,
				    .error_exitcode = EXIT_FINDINGS_RUN,
				    .color = -1};
	options_explore_defaults(&options->explore);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	options->seed = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 20;
}

const struct option_group option_groups[] = {{0, &help_argp},
					     {TAKES_RUNNING, &running_argp},
					     {TAKES_ONCE, &once_argp},
					     {TAKES_JUDGING, &options_judging_argp},
					     {TAKES_EXPLORING, &options_explore_argp},
					     {TAKES_SCENARIOS, &options_scenario_argp},
					     {0, NULL}};

void options_parse(const struct command *command, int argc, char **argv, struct options *ret_options)
{
	struct argp_child children[8] = {{0}};
	unsigned count = 0;
	for (const struct option_group *group = option_groups; group->argp; group++)
		if (command->takes & group->takes) {
			children[count] = (struct argp_child){group->argp, 0, "", (int)count + 1};
			count++;
		}
	const struct argp argp = {
	    help_options, parse_rest, *command->usage ? command->usage : NULL, command->summary, children,
	    NULL,         NULL};
	char name[64];
	snprintf(name, sizeof name, "shmcheck %s", command->name);
	argv[0] = name;
	argp_err_exit_status = command->usage_status;
	set_defaults(command, ret_options);
	options_from_environment(ret_options);
	known_options_check(
	    command, &(struct argp_state){.root_argp = &argp, .argc = argc, .argv = argv, .name = name});
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP, NULL, ret_options);
	if (ret_options->verbose)
		options_environment_print(ret_options, stderr);
	options_environment_check(ret_options);
	if (publish_check(ret_options))
		exit(argp_err_exit_status);
	if (ret_options->report_count == 0)
		ret_options->reports[ret_options->report_count++].format = &report_formats[0];
}
