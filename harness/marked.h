// SPDX-License-Identifier: MIT
// front end: a place in a line that a user wrote, shown with a caret below it.
#ifndef SHMCHECK_HARNESS_MARKED_H
#define SHMCHECK_HARNESS_MARKED_H

#include <stddef.h>
#include <stdio.h>

struct marked {
	const char *line; /* LENGTH bytes, without their newline */
	size_t length;
	size_t at, count; /* what is wrong in it; COUNT 0: something is missing there */
	const char *nearest; /* what may have been meant; NULL: nothing */
	const char *expected; /* what would be right; NULL: nothing to say */
};

/* Ends the sentence on STREAM that says what is wrong: with the words themselves when they are short, then the line, the
 * caret and the advice on lines of their own. What would disturb a terminal is shown as \xNN or '?'. */
void marked_put(const struct marked *marked, FILE *stream);

#endif
