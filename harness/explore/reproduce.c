// SPDX-License-Identifier: MIT
// explore: the command line that repeats one point.
#include "reproduce.h"

#include "harness/launch/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
	char **list; /* NULL-terminated */
	size_t count;
	bool failed;
};

static void add(struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct words *words, const char *format, ...)
{
	char **list = realloc(words->list, (words->count + 2) * sizeof *list);
	va_list arguments;
	if (!list) {
		words->failed = true;
		return;
	}
	words->list = list;
	va_start(arguments, format);
	if (vasprintf(&list[words->count], format, arguments) < 0) {
		list[words->count] = NULL;
		words->failed = true;
	} else {
		list[++words->count] = NULL;
	}
	va_end(arguments);
}

static void add_limits(struct words *words, const struct ipc_limits *limits)
{
	char text[SETTINGS_LIMITS];
	settings_limits(limits, text);
	if (text[0])
		add(words, "--limits=%s", text);
}

static void add_launch(struct words *words, const struct options *options)
{
	const struct launch_options *launch = &options->launch;
	if (launch->isolate != ISOLATE_AUTO)
		add(words, "--isolate=%s", launch->isolate == ISOLATE_IPC ? "ipc" : "none");
	add_limits(words, &launch->limits);
	if (options->explore.timeout_ms)
		add(words, "--timeout=%" PRId64 "ms", options->explore.timeout_ms);
	if (launch->linger_ms < 0)
		add(words, "--linger=forever");
	else if (launch->linger_ms != LINGER_MS)
		add(words, "--linger=%" PRId64 "ms", launch->linger_ms);
	if (launch->sleep_scale_ppm != 1000000)
		add(words, "--sleep-scale=%.6g", launch->sleep_scale_ppm / 1e6);
}

/* As they were given. */
static void add_rules(struct words *words, const struct options *options)
{
	for (unsigned i = 0; i < options->rule_count; i++)
		add(words, "--inject=%s", options->rules[i]);
	for (unsigned i = 0; i < options->rule_file_count; i++)
		add(words, "--inject-file=%s", options->rule_files[i]);
	if (options->launch.plan)
		add(words, "--seed=%" PRIu64, options->seed);
}

static void add_explore(struct words *words, const struct explore_options *explore)
{
	if (explore->stdin_file)
		add(words, "--stdin=%s", explore->stdin_file);
	if (explore->copy)
		add(words, "--copy=%s", explore->copy);
	for (unsigned i = 0; i < explore->ok.count; i++)
		add(words, "--ok-exit=%d", explore->ok.codes[i]);
}

char **reproduce_argv(const struct options *options, const char *id)
{
	struct words words = {0};
	add(&words, "%s", options->self ? options->self : "shmcheck");
	add(&words, "explore");
	add_launch(&words, options);
	add_rules(&words, options);
	add_explore(&words, &options->explore);
	add(&words, "--point=%s", id);
	add(&words, "--");
	for (char **word = options->launch.argv; *word; word++)
		add(&words, "%s", *word);
	if (!words.failed)
		return words.list;
	reproduce_free(words.list);
	return NULL;
}

void reproduce_free(char **argv)
{
	for (char **word = argv; word && *word; word++)
		free(*word);
	free(argv);
}
