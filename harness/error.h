// SPDX-License-Identifier: MIT
// front end: the one place that speaks of the tool's own troubles.
#ifndef SHMCHECK_HARNESS_ERROR_H
#define SHMCHECK_HARNESS_ERROR_H

/* Prints "shmcheck: MESSAGE" on standard error. */
void error_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, with the text of CODE (an errno) behind it. */
void error_print_errno(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The one of COUNT words that is nearest to WORD (edit distance at most 3), or NULL. */
const char *error_nearest(const char *word, const char *const *words, unsigned count);

#endif
