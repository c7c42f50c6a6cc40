// SPDX-License-Identifier: MIT
// explore: what a program prints without a fault, learnt from several runs of it.
#ifndef SHMCHECK_HARNESS_EXPLORE_EXPECTED_H
#define SHMCHECK_HARNESS_EXPLORE_EXPECTED_H

#include "harness/explore/output.h"

#include <stdbool.h>

/* A pattern of lines. Where a line differed from run to run, any line may stand; where the runs had different numbers of
 * lines, any number of them. All other lines must be there, in their order. */
struct expected {
	uint64_t *tokens; /* owned: a line as in struct output_lines, or one of enum expected_token */
	size_t count;
	/* Sorted, owned: the lines that each of those runs had once. A pattern does not tell of two lines that changed places
	 * which of them moved: it may let any line stand where such a one was, but it still has to be there. */
	uint64_t *once;
	size_t once_count;
	bool is_begun; /* a first output was learnt: before that everything is expected */
};

enum expected_token { EXPECTED_LINE, /* any single line */ EXPECTED_LINES /* any lines, or none */ };

/* OUTPUT, of a run without a fault, is expected from now on. Returns 1 when that widened EXPECTED, 0 when it did not, or
 * -ENOMEM. */
int expected_learn(struct expected *expected, const struct output *output);

/* Compares OUTPUT: *ret_difference is 0 when it is as expected, else a number that two outputs have in common when they
 * differ in the same way. Returns 0 or -ENOMEM. */
int expected_compare(const struct expected *expected, const struct output *output, uint64_t *ret_difference);

/* The same of all that was written to the file behind FD. Returns 0 or -errno. */
int expected_compare_file(const struct expected *expected, int fd, uint64_t *ret_difference);

void expected_free(struct expected *expected);

#endif
