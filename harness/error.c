// SPDX-License-Identifier: MIT
// front end: the one place that speaks of the tool's own troubles.
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 32, NEAR_ENOUGH = 3 };

void error_print(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("shmcheck: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
}

void error_print_errno(int code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("shmcheck: ", stderr);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, ": %s\n", strerror(code));
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
		if (d < best && d < strlen(words[i])) {
			best = d;
			nearest = words[i];
		}
	}
	return nearest;
}
