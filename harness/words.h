// SPDX-License-Identifier: MIT
// front end: a string split into words as a shell would.
#ifndef SHMCHECK_HARNESS_WORDS_H
#define SHMCHECK_HARNESS_WORDS_H

#include <stddef.h>

struct word_at {
	char *text; /* owned by the list */
	unsigned column; /* where it began, from 1 */
};

struct words {
	struct word_at *list; /* owned */
	size_t count;
};

/* Splits TEXT at blanks and newlines. '…' takes all literally; "…" all but \" and \\; a backslash outside quotes takes
 * the next character literally. Nothing is expanded. Returns 0, -ENOMEM, or -EINVAL with the column of what is
 * wrong (a quote that is never closed, a backslash with nothing behind it) in *ret_column. */
int words_split(const char *text, struct words *ret_words, unsigned *ret_column);

void words_free(struct words *words);

#endif
