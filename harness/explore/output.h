// SPDX-License-Identifier: MIT
// explore: what a program printed, compared without the lines that differ by themselves.
#ifndef SHMCHECK_HARNESS_EXPLORE_OUTPUT_H
#define SHMCHECK_HARNESS_EXPLORE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTPUT_MOST = 16 << 20 }; /* bytes that are looked at; what comes later is not compared */

struct output {
	char *bytes; /* owned */
	size_t length;
};

/* Lines, by number, that are not compared. */
struct output_mask {
	bool *lines; /* owned */
	size_t count;
	bool rest; /* the lines behind them neither: the numbers of lines differed */
};

/* All that was written to the file behind FD, from its beginning. Returns 0 or -errno. */
int output_read(int fd, struct output *ret_output);

/* Masks the lines in which A and B differ. Returns 0 or -ENOMEM. */
int output_mask_make(const struct output *a, const struct output *b, struct output_mask *ret_mask);

/* A hash of OUTPUT's lines that MASK (NULL: none) leaves. */
uint64_t output_hash(const struct output *output, const struct output_mask *mask);

void output_free(struct output *output);
void output_mask_free(struct output_mask *mask);

#endif
