// SPDX-License-Identifier: MIT
// front end: the one place that speaks of the tool's own troubles.
#include "error.h"

#include "report/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 32, NEAR_ENOUGH = 3 };

char *error_text(const char *format, va_list arguments)
{
	char *raw = NULL;
	int length = vasprintf(&raw, format, arguments);
	if (length < 0)
		return NULL;
	size_t room = 4 * (size_t)length + 8; /* each byte as \xNN, and say_message's margin */
	char *text = malloc(room);
	if (text)
		say_message(raw, (size_t)length, text, room);
	free(raw);
	return text;
}

/* Without memory the bare format still tells what it is about. */
static void print(FILE *stream, const char *format, va_list arguments, const char *why)
{
	char *text = error_text(format, arguments);
	fprintf(stream, "shmcheck: %s%s%s\n", text ? text : format, why ? ": " : "", why ? why : "");
	free(text);
}

void error_print(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print(stderr, format, arguments, NULL);
	va_end(arguments);
}

void error_print_on(FILE *stream, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print(stream, format, arguments, NULL);
	va_end(arguments);
}

void error_print_errno(int code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	print(stderr, format, arguments, strerror(code));
	va_end(arguments);
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;
	return least < c ? least : c;
}

/* Levenshtein's distance, one row at a time. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	size_t width = strlen(b);
	if (width > WORD_MAX || strlen(a) > WORD_MAX)
		return WORD_MAX;
	for (unsigned i = 0; i <= width; i++)
		row[i] = i;
	for (unsigned i = 1; *a; a++, i++) {
		unsigned diagonal = row[0];
		row[0] = i;
		for (unsigned j = 1; j <= width; j++) {
			unsigned replaced = diagonal + (*a != b[j - 1]);
			diagonal = row[j];
			row[j] = smallest(replaced, row[j] + 1, row[j - 1] + 1);
		}
	}
	return row[width];
}

const char *error_nearest(const char *word, const char *const *words, unsigned count)
{
	const char *nearest = NULL;
	unsigned best = NEAR_ENOUGH + 1;
	for (unsigned i = 0; i < count; i++) {
		unsigned d = distance(word, words[i]);
		if (d < best && d < strlen(words[i]) && 2 * d <= strlen(words[i]) + 1) {
			best = d;
			nearest = words[i];
		}
	}
	return nearest;
}
