// SPDX-License-Identifier: MIT
// front end: the one place that speaks of the tool's own troubles.
#ifndef SHMCHECK_HARNESS_ERROR_H
#define SHMCHECK_HARNESS_ERROR_H

#include <stdarg.h>
#include <stdio.h>

/* Prints "shmcheck: MESSAGE" on standard error, as one line: what would disturb a terminal becomes \xNN. */
void error_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

void error_print_on(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same on standard error, with the text of CODE (an errno) behind it. */
void error_print_errno(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* MESSAGE made safe in the same way, in memory that the caller frees; NULL: no memory. */
char *error_text(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* The one of COUNT words that is nearest to WORD (edit distance at most 3, and about half of its length), or NULL. */
const char *error_nearest(const char *word, const char *const *words, unsigned count);

#endif
