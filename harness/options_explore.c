// SPDX-License-Identifier: MIT
// front end: the options of explore alone.
#include "options_explore.h"

#include "duration.h"
#include "options.h"
#include "options_value.h"
#include "protocol/errno_name.h"
#include "protocol/errno_table.h"
#include "protocol/signal_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_key {
	OPTION_CALLS = 512,
	OPTION_ERRNOS,
	OPTION_MODE,
	OPTION_POINTS,
	OPTION_SIGNALS,
	OPTION_DEPTH,
	OPTION_BUDGET,
	OPTION_SHARD,
	OPTION_LIST,
	OPTION_POINT,
	OPTION_STDIN,
	OPTION_COPY,
	OPTION_OUTPUT,
	OPTION_OK_EXIT,
	OPTION_FORK_SERVER
};

static const struct argp_option explore_options[] = {
    {NULL, 0, NULL, 0, "What is tried:", 3},
    {"calls", OPTION_CALLS, "LIST", 0, "Fail these calls: ftok,shmget,shmat,shmdt,shmctl (all)", 3},
    {"errnos", OPTION_ERRNOS, "likely|all|LIST", 0, "With these errors (likely)", 3},
    {"mode", OPTION_MODE, "once|persist|both", 0, "Fail a call once, or from then on (both)", 3},
    {"points", OPTION_POINTS, "stack|all", 0, "First and last call of a stack, or every one (stack)", 3},
    {"signals", OPTION_SIGNALS, "LIST", 0, "Send a signal right after each call instead", 3},
    {"depth", OPTION_DEPTH, "N", 0, "Fail N calls of one run: also those of the recovery (1)", 3},
    {"point", OPTION_POINT, "ID", 0, "This point only: repeats a finding", 3},
    {"list", OPTION_LIST, NULL, 0, "Print the points and try none", 3},
    {NULL, 0, NULL, 0, "How it is run:", 4},
    {"jobs", 'j', "N", 0, "Runs at a time (the processors; more where runs sleep)", 4},
    {"budget", OPTION_BUDGET, "N|DURATION", 0, "Stop after N runs, or after a time such as 60s", 4},
    {"shard", OPTION_SHARD, "I/N", 0, "Only the I-th of N parts of the points", 4},
    {"stdin", OPTION_STDIN, "FILE", 0, "The program's standard input (/dev/null)", 4},
    {"copy", OPTION_COPY, "FOLDER", 0, "Run each in a fresh copy of FOLDER", 4},
    {"output", OPTION_OUTPUT, "FOLDER", 0, "Keep output and log of each failing run below FOLDER", 4},
    {"ok-exit", OPTION_OK_EXIT, "LIST", 0, "Exit statuses that count as success, beside the baseline's", 4},
    {"fork-server", OPTION_FORK_SERVER, NULL, 0, "Start the program once, make its runs by fork", 4},
    {0}};

void options_explore_defaults(struct explore_options *options)
{
	*options = (struct explore_options){.depth = 1};
	options->expand = (struct expand_settings){
	    .calls = (1u << CALL_COUNT) - 1, .once = true, .persist = true, .worlds = true};
}

static void parse_calls(struct argp_state *state, char *list, struct expand_settings *expand)
{
	expand->calls = 0;
	for (char *rest, *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		int call = call_by_name(word, (unsigned)strlen(word));
		if (strcmp(word, "all") == 0)
			expand->calls = (1u << CALL_COUNT) - 1;
		else if (call < 0)
			option_error(
			    state,
			    "--calls: '%s' is not a call: expected ftok, shmget, shmat, shmdt, shmctl or all",
			    word);
		else
			expand->calls |= 1u << call;
	}
	if (!expand->calls)
		option_error(state, "--calls: the list is empty");
}

/* Numbers out of names, through BY_NAME. */
static unsigned parse_names(struct argp_state *state, const char *option, char *list, const char *expected,
			    int (*by_name)(const char *, unsigned), int *ret_numbers)
{
	unsigned count = 0;
	for (char *rest, *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		int number = by_name(word, (unsigned)strlen(word));
		if (number <= 0)
			option_error(state, "--%s: '%s': expected %s", option, word, expected);
		else if (count == EXPAND_LIST_MAX)
			option_error(state, "--%s: at most %d of them", option, EXPAND_LIST_MAX);
		else
			ret_numbers[count++] = number;
	}
	if (!count)
		option_error(state, "--%s: the list is empty", option);
	return count;
}

/* An errno that some call can fail with, or -1. */
static int errno_of_a_call(const char *word, unsigned length)
{
	int number = errno_by_name(word, length);
	const struct errno_possible *row;
	for (unsigned i = 0; (row = errno_possible_at(i)); i++)
		if (row->error == number)
			return number;
	return -1;
}

static void parse_errnos(struct argp_state *state, char *value, struct expand_settings *expand)
{
	expand->all_errnos = strcmp(value, "all") == 0;
	expand->errno_count = 0;
	if (!expand->all_errnos && strcmp(value, "likely") != 0)
		expand->errno_count = parse_names(
		    state, "errnos", value, "likely, all, or names such as ENOMEM (shmcheck list errnos)",
		    errno_of_a_call, expand->errnos);
}

static void parse_mode(struct argp_state *state, const char *value, struct expand_settings *expand)
{
	bool both = strcmp(value, "both") == 0;
	expand->once = both || strcmp(value, "once") == 0;
	expand->persist = both || strcmp(value, "persist") == 0;
	if (!expand->once && !expand->persist)
		option_error(state, "--mode=%s: expected once, persist or both", value);
}

static void parse_budget(struct argp_state *state, const char *value, struct explore_options *options)
{
	char *end;
	errno = 0;
	options->budget_runs = strtoull(value, &end, 10);
	if (end != value && *end == '\0' && options->budget_runs && *value != '-' && !errno)
		return;
	options->budget_runs = 0;
	if (duration_parse(value, &options->budget_ms) || options->budget_ms == 0)
		option_error(state,
			     "--budget=%s: expected a number of runs, or a time with its unit such as 60s",
			     value);
}

static void parse_shard(struct argp_state *state, const char *value, struct explore_options *options)
{
	char behind;
	if (strspn(value, "0123456789/") != strlen(value) ||
	    sscanf(value, "%u/%u%c", &options->shard, &options->shards, &behind) != 2 || options->shard < 1 ||
	    options->shard > options->shards)
		option_error(state, "--shard=%s: expected I/N with I from 1 to N, such as 1/3", value);
}

static void parse_ok_exit(struct argp_state *state, char *list, struct ok_statuses *ok)
{
	for (char *rest, *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *end;
		long code = strtol(word, &end, 10);
		if (end == word || *end || code < 0 || code > 255)
			option_error(state, "--ok-exit: '%s': expected exit statuses from 0 to 255", word);
		else if (ok->count == OK_STATUSES_MAX - 1)
			option_error(state, "--ok-exit: at most %d of them", OK_STATUSES_MAX - 1);
		else
			ok->codes[ok->count++] = (int)code;
	}
	if (!ok->count)
		option_error(state, "--ok-exit: the list is empty");
}

static error_t parse_tries(int key, char *value, struct argp_state *state, struct explore_options *options)
{
	switch (key) {
	case OPTION_CALLS:
		parse_calls(state, value, &options->expand);
		return 0;
	case OPTION_ERRNOS:
		parse_errnos(state, value, &options->expand);
		return 0;
	case OPTION_MODE:
		parse_mode(state, value, &options->expand);
		return 0;
	case OPTION_POINTS:
		options->all_points = strcmp(value, "all") == 0;
		if (!options->all_points && strcmp(value, "stack") != 0)
			option_error(state, "--points=%s: expected stack or all", value);
		return 0;
	case OPTION_SIGNALS:
		options->expand.signal_count =
		    parse_names(state, "signals", value, "names such as SIGTERM, or numbers", signal_by_name,
				options->expand.signals);
		return 0;
	case OPTION_DEPTH:
		options->depth = option_count(state, "depth", value, DEPTH_MAX);
		return 0;
	case OPTION_POINT:
		options->point = value;
		return 0;
	case OPTION_LIST:
		options->list = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_explore(int key, char *value, struct argp_state *state)
{
	struct explore_options *options = &((struct options *)state->input)->explore;
	switch (key) {
	case 'j':
		options->jobs = option_count(state, "jobs", value, 64);
		return 0;
	case OPTION_BUDGET:
		parse_budget(state, value, options);
		return 0;
	case OPTION_SHARD:
		parse_shard(state, value, options);
		return 0;
	case OPTION_STDIN:
		options->stdin_file = value;
		return 0;
	case OPTION_COPY:
		options->copy = value;
		return 0;
	case OPTION_OUTPUT:
		options->output = value;
		return 0;
	case OPTION_FORK_SERVER:
		options->fork_server = true;
		return 0;
	case OPTION_OK_EXIT:
		parse_ok_exit(state, value, &options->ok);
		return 0;
	}
	return parse_tries(key, value, state, options);
}

const struct argp options_explore_argp = {explore_options, parse_explore, NULL, NULL, NULL, NULL, NULL};
