// SPDX-License-Identifier: MIT
// explore: what a program printed, as lines.
#ifndef SHMCHECK_HARNESS_EXPLORE_OUTPUT_H
#define SHMCHECK_HARNESS_EXPLORE_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

enum {
	OUTPUT_MOST = 16 << 20, /* bytes that are looked at; what comes later is not compared */
	OUTPUT_LINES = 1 << 20 /* lines that are told apart; the last holds all that follows */
};

struct output {
	char *bytes; /* owned */
	size_t length;
};

/* Each line as a number, newline included: the same for the same bytes, and never below 2. */
struct output_lines {
	uint64_t *list; /* owned */
	size_t count;
};

/* All that was written to the file behind FD, from its beginning. Returns 0 or -errno. */
int output_read(int fd, struct output *ret_output);

/* Returns 0 or -ENOMEM. */
int output_split(const struct output *output, struct output_lines *ret_lines);

void output_free(struct output *output);

#endif
