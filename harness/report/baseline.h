// SPDX-License-Identifier: MIT
// report: a baseline: the findings that were there before, by fingerprint.
#ifndef SHMCHECK_HARNESS_REPORT_BASELINE_H
#define SHMCHECK_HARNESS_REPORT_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A line of the file: "FINGERPRINT COUNT what it is", or a comment or a blank line, which are kept. */
struct baseline_line {
	uint64_t fingerprint; /* 0: a comment */
	uint64_t count; /* findings with it: more than that are new */
	uint64_t seen; /* in this report */
	char *text; /* owned: behind the count; of a comment the whole line */
};

struct baseline {
	const char *file; /* NULL: none */
	struct baseline_line *lines; /* owned */
	size_t count;
	bool is_partial; /* not all was tried: what was not seen may still be there, and is kept */
};

/* Reads FILE, whose name must outlive it. Returns 0 or -errno (-EINVAL: a bad line) after saying on COMPLAINTS what is
 * wrong. */
int baseline_read(struct baseline *baseline, const char *file, FILE *complaints);

/* Whether FINGERPRINT is known; with IS_COUNTED at most as often as the file has it. */
bool baseline_take(struct baseline *baseline, uint64_t fingerprint, bool is_counted);

/* One more finding, for writing. Returns 0 or -ENOMEM. */
int baseline_add(struct baseline *baseline, uint64_t fingerprint, const char *text);

/* Writes FILE as a whole or not at all: the comments, and the lines that stay or were added, each with the larger of
 * its counts. Returns 0 or -errno. */
int baseline_write(const struct baseline *baseline, const char *file);

/* How many lines were not seen, and go. */
size_t baseline_gone(const struct baseline *baseline);

#endif
