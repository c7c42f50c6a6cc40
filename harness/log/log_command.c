// SPDX-License-Identifier: MIT
// harness: the command line of a program that ran without the harness, from its log.
#include "log_command.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { INTERPRETER_WORDS = 2 }; /* the interpreter and what stands behind it on the script's first line */

static size_t count_words(const char *words, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += words[i] == '\0';
	return count;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* How many of the COUNT words of ARGV are a script's interpreter; -1: the first one is no name of the program's. */
static int interpreter_words(char *const *argv, size_t count, const char *executed)
{
	if (strcmp(base_name(argv[0]), base_name(executed)) == 0)
		return 0;
	for (int i = 1; i <= INTERPRETER_WORDS && (size_t)i < count; i++)
		if (strcmp(argv[i], executed) == 0)
			return i;
	return -1;
}

static void drop(char **argv, size_t count, int from_front)
{
	for (int i = 0; i < from_front; i++)
		free(argv[i]);
	memmove(argv, argv + from_front, (count + 1 - (size_t)from_front) * sizeof *argv);
}

/* ARGV, of COUNT words, as a shell would have it. Returns false without memory. */
static bool name_program(char **argv, size_t count, const char *executed)
{
	int leading = executed ? interpreter_words(argv, count, executed) : 0;
	char *name;
	if (leading >= 0) {
		drop(argv, count, leading);
		return true;
	}
	name = strdup(executed);
	if (name) {
		free(argv[0]);
		argv[0] = name;
	}
	return name != NULL;
}

char **log_command(const char *executed, const char *words, size_t length)
{
	size_t count = words ? count_words(words, length) : 0;
	char **argv = calloc(count + 2, sizeof *argv);
	bool is_whole = argv != NULL;
	for (size_t i = 0; is_whole && i < count; i++, words += strlen(words) + 1)
		is_whole = (argv[i] = strdup(words)) != NULL;
	if (is_whole && count)
		is_whole = name_program(argv, count, executed);
	else if (is_whole)
		is_whole = (argv[0] = strdup(executed ? executed : "?")) != NULL;
	if (is_whole)
		return argv;
	for (size_t i = 0; argv && argv[i]; i++)
		free(argv[i]);
	free(argv);
	return NULL;
}
