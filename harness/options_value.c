// SPDX-License-Identifier: MIT
// front end: values of options: a word out of a few, a number, a duration; or a usage error.
#include "options_value.h"

#include "duration.h"
#include "error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *current_source; /* main thread only */

void option_source(const char *source)
{
	current_source = source;
}

void option_error(const struct argp_state *state, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = error_text(format, arguments);
	va_end(arguments);
	if (current_source)
		error_print("%s: %s", current_source, text ? text : format);
	else
		fprintf(stderr, "%s: %s\n", state->name, text ? text : format);
	free(text);
	if (!current_source)
		argp_state_help(state, stderr, ARGP_HELP_STD_ERR);
	exit(argp_err_exit_status);
}

void option_place(void)
{
	if (current_source)
		error_print("this option stands in %s", current_source);
}

unsigned option_choice(struct argp_state *state, const char *option, const char *value,
		       const char *const *words)
{
	unsigned count = 0;
	for (; words[count]; count++)
		if (strcmp(words[count], value) == 0)
			return count;
	char list[128] = "";
	for (unsigned i = 0; i < count; i++) {
		strcat(list, i ? (i + 1 < count ? ", " : " or ") : "");
		strcat(list, words[i]);
	}
	const char *near = error_nearest(value, words, count);
	option_error(state, "--%s=%s: expected %s%s%s%s", option, value, list, near ? "; did you mean '" : "",
		     near ? near : "", near ? "'?" : "");
	exit(argp_err_exit_status);
}

int64_t option_number(struct argp_state *state, const char *option, const char *value, int64_t most)
{
	char *end;
	errno = 0;
	long long number = strtoll(value, &end, 0);
	if (errno || end == value || *end || number < 0 || number > most)
		option_error(state, "--%s=%s: expected a whole number from 0 to %lld", option, value,
			     (long long)most);
	return number;
}

unsigned option_count(struct argp_state *state, const char *option, const char *value, unsigned most)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	if (end == value || *end || number == 0 || number > most || value[0] == '-')
		option_error(state, "--%s=%s: expected a whole number from 1 to %u", option, value, most);
	return (unsigned)number;
}

int64_t option_duration(struct argp_state *state, const char *option, const char *value)
{
	int64_t ms = 0;
	if (duration_parse(value, &ms))
		option_error(state, "--%s=%s: expected a duration such as 500ms, 5s or 2m", option, value);
	return ms;
}
