// SPDX-License-Identifier: MIT
// front end: the options of scenario alone.
#include "options_scenario.h"

#include "harness/scenario/ready.h"
#include "options.h"
#include "options_value.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum option_key {
	OPTION_TAGS = 2048,
	OPTION_PROGRAMS,
	OPTION_REPEAT,
	OPTION_NO_SKIP,
	OPTION_LIST,
	OPTION_POINT
};
enum { JOBS_MOST = 256, REPEAT_MOST = 1000000 };

static const struct argp_option scenario_options[] = {
    {NULL, 0, NULL, 0, "Which scenarios, and how:", 3},
    {"jobs", 'j', "N", 0, "Scenarios at a time (the number of processors)", 3},
    {"tags", OPTION_TAGS, "LIST", 0, "Only those with one of these tags; !TAG leaves those with it out", 3},
    {"programs", OPTION_PROGRAMS, "FOLDER", 0, "Where programs are looked for too; repeatable", 3},
    {"repeat", OPTION_REPEAT, "N", 0, "Run each N times (as its file says)", 3},
    {"no-skip", OPTION_NO_SKIP, NULL, 0, "A skipped scenario fails", 3},
    {"list", OPTION_LIST, NULL, 0, "Print names and tags, and run nothing", 3},
    {"point", OPTION_POINT, "ID", 0, "Of a section explore this point only: repeats a finding", 3},
    {0}};

/* Each is a word, or ! and a word. */
static void check_tags(struct argp_state *state, const char *list)
{
	for (const char *next = list;; next++) {
		next += *next == '!';
		size_t length = strcspn(next, ",");
		if (!length)
			option_error(state, "--tags=%s: a tag is missing at column %td", list,
				     next - list + 1);
		next += length;
		if (!*next)
			return;
	}
}

static error_t parse_scenario(int key, char *value, struct argp_state *state)
{
	struct scenario_options *options = &((struct options *)state->input)->scenario;
	struct stat status;
	switch (key) {
	case 'j':
		options->jobs = option_count(state, "jobs", value, JOBS_MOST);
		return 0;
	case OPTION_TAGS:
		check_tags(state, value);
		options->tags = value;
		return 0;
	case OPTION_PROGRAMS:
		if (stat(value, &status) || !S_ISDIR(status.st_mode))
			option_error(state, "--programs=%s: not a folder", value);
		if (options->program_count == PROGRAM_FOLDERS_MAX)
			option_error(state, "--programs: at most %d of them", PROGRAM_FOLDERS_MAX);
		options->programs[options->program_count++] = value;
		return 0;
	case OPTION_REPEAT:
		options->repeat = option_count(state, "repeat", value, REPEAT_MOST);
		return 0;
	case OPTION_NO_SKIP:
		options->no_skip = true;
		return 0;
	case OPTION_LIST:
		options->list = true;
		return 0;
	case OPTION_POINT:
		options->point = value;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_scenario_argp = {scenario_options, parse_scenario, NULL, NULL, NULL, NULL, NULL};

static error_t parse_nothing(int key, char *value, struct argp_state *state)
{
	(void)value;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

/* As if --NAME=VALUE stood on explore's command line. */
static void parse_one(struct ready *ready, const char *name, const char *value, struct options *options)
{
	const struct argp_child children[] = {{&options_explore_argp, 0, NULL, 0}, {NULL, 0, NULL, 0}};
	const struct argp argp = {NULL, parse_nothing, NULL, NULL, children, NULL, NULL};
	struct complaint place = {""};
	char path[64], word[512], program[] = "shmcheck scenario";
	char *argv[] = {program, word, NULL};
	if (!value)
		return;
	snprintf(path, sizeof path, "explore.%s", name);
	snprintf(word, sizeof word, "--%s=%s", name, value);
	document_complain_at(&ready->play.document, path, 0, &place, "explore");
	option_source(place.text);
	argp_parse(&argp, 2, argv, ARGP_NO_ARGS | ARGP_NO_HELP, NULL, options);
	option_source(NULL);
}

void options_of_section(struct ready *ready, struct options *options)
{
	const struct scenario_explore *explore = ready->play.scenario->explore;
	const char *point = options->scenario.point;
	struct options own = *options;
	options_explore_defaults(&own.explore);
	if (explore) {
		parse_one(ready, "errnos", explore->errnos, &own);
		parse_one(ready, "calls", explore->calls, &own);
		parse_one(ready, "mode", explore->mode, &own);
		parse_one(ready, "points", explore->points, &own);
		parse_one(ready, "signals", explore->signals, &own);
		parse_one(ready, "depth", explore->depth, &own);
		parse_one(ready, "budget", explore->budget, &own);
	}
	ready->explore = own.explore;
	ready->explore.point = point;
}
