// SPDX-License-Identifier: MIT
// front end: options from the environment: SHMCHECK_OPTIONS.
#include "options_environment.h"

#include "command.h"
#include "error.h"
#include "options_known.h"
#include "options_value.h"
#include "protocol/session.h"
#include "words.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char variable[] = "SHMCHECK_OPTIONS";

static void __attribute__((noreturn))
reject(const struct options *options, unsigned column, const char *what, const char *word, const char *near)
{
	error_print("%s, column %u: %s%s%s%s%s%s%s", variable, column, what, word ? ": '" : "",
		    word ? word : "", word ? "'" : "", near ? "; did you mean '--" : "", near ? near : "",
		    near ? "'?" : "");
	exit(options->command->usage_status);
}

/* The option that WORD begins, or an error; *ret_value is the value within the word, NULL when there is none. */
static struct known_option recognize(const struct options *options, const struct word_at *word,
				     const char **ret_value)
{
	struct known_option known = {NULL, NULL};
	const char *text = word->text;
	bool is_long = strncmp(text, "--", 2) == 0 && text[2];
	*ret_value = NULL;
	if (is_long) {
		size_t length = strcspn(text + 2, "=");
		known =
		    known_option_find(options->command, length > 1 ? text + 2 : "", length > 1 ? length : 0);
		*ret_value = text[2 + length] ? text + 2 + length + 1 : NULL;
	} else if (text[0] == '-' && isalnum((unsigned char)text[1])) {
		known = known_option_find(options->command, text + 1, 1);
		*ret_value = text[2] ? text + 2 : NULL;
	} else {
		reject(options, word->column, "not an option", text, NULL);
	}
	if (known.option && !known.group->takes)
		reject(options, word->column, "this belongs on a command line", text, NULL);
	if (!known.option)
		reject(options, word->column, "no command has such an option", text,
		       is_long ? known_option_nearest(NULL, text) : NULL);
	if (!known.option->arg && *ret_value)
		reject(options, word->column, "this option takes no value", text, NULL);
	return known;
}

static error_t parse_nothing(int key, char *value, struct argp_state *state)
{
	(void)value;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

/* One option at a time, so that a bad value can be placed. */
static void parse_one(struct options *options, const struct argp *table, unsigned column, char *word,
		      char *value)
{
	const struct argp_child children[] = {{table, 0, NULL, 0}, {NULL, 0, NULL, 0}};
	const struct argp argp = {NULL, parse_nothing, NULL, NULL, children, NULL, NULL};
	char source[64], name[64];
	snprintf(source, sizeof source, "%s, column %u", variable, column);
	snprintf(name, sizeof name, "shmcheck %s", options->command->name);
	char *argv[] = {name, word, value, NULL};
	option_source(source);
	argp_parse(&argp, value ? 3 : 2, argv, ARGP_NO_ARGS | ARGP_NO_HELP, NULL, options);
	option_source(NULL);
}

static void parse(struct options *options, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct word_at *word = &words->list[i];
		const char *inside;
		char *value = NULL;
		struct known_option known = recognize(options, word, &inside);
		if (known_option_needs_value(known.option) && !inside) {
			if (++i == words->count)
				reject(options, word->column, "this option needs a value", word->text, NULL);
			value = words->list[i].text;
		}
		if (options->command->takes & known.group->takes)
			parse_one(options, known.group->argp, word->column, word->text, value);
	}
}

void options_from_environment(struct options *options)
{
	static struct words words; /* options keep pointers into it */
	const char *text = getenv(variable);
	unsigned column = 0;
	if (!text || !options->command->takes)
		return;
	int code = words_split(text, &words, &column);
	if (code == -EINVAL)
		reject(options, column,
		       text[column - 1] == '\\' ? "nothing stands behind the backslash"
						: "the quote is never closed",
		       NULL, NULL);
	if (code) {
		error_print_errno(-code, "cannot read %s", variable);
		exit(EXIT_BROKEN);
	}
	parse(options, &words);
	options->environment_rule_count = options->rule_count;
}

void options_environment_print(const struct options *options, FILE *stream)
{
	const char *text = getenv(variable);
	struct words words;
	unsigned column;
	if (!text || !options->command->takes || words_split(text, &words, &column))
		return;
	error_print_on(stream, "%s=%s", variable, text);
	for (size_t i = 0; i < words.count; i++) {
		const char *inside;
		struct known_option known = recognize(options, &words.list[i], &inside);
		if (!(options->command->takes & known.group->takes))
			error_print_on(stream, "%s: '%s' passed over: %s has no such option", variable,
				       words.list[i].text, options->command->name);
		if (known_option_needs_value(known.option) && !inside)
			i++;
	}
	words_free(&words);
}

void options_environment_check(const struct options *options)
{
	const char *rules = getenv(ENV_INJECT);
	if (!rules || !(options->command->takes & (TAKES_RUNNING | TAKES_SCENARIOS)))
		return;
	error_print("%s is for programs that run without this command, and has no effect here: %s",
		    ENV_INJECT,
		    options->command->takes & TAKES_RUNNING ? "use --inject=RULE, or unset it"
							    : "use the file's key 'inject', or unset it");
	exit(options->command->usage_status);
}
