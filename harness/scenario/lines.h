// SPDX-License-Identifier: MIT
// scenario: sentences of a report, a line each, in a piece of memory of a known size.
#ifndef SHMCHECK_HARNESS_SCENARIO_LINES_H
#define SHMCHECK_HARNESS_SCENARIO_LINES_H

#include <stddef.h>

struct lines {
	char *text; /* NUL-terminated; what has no room is left out */
	size_t size, length;
};

/* Adds what printf makes of it, without a newline of its own. */
void lines_put(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
