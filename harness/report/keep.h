// SPDX-License-Identifier: MIT
// report: memory that lives as long as a report: given out piece by piece, freed at once.
#ifndef SHMCHECK_HARNESS_REPORT_KEEP_H
#define SHMCHECK_HARNESS_REPORT_KEEP_H

#include <stdbool.h>
#include <stddef.h>

/* All zero is an empty one. */
struct keep {
	struct keep_block *blocks; /* owned */
	bool no_memory; /* something had no room: it is missing */
};

/* SIZE zeroed bytes, aligned for anything; NULL when memory is short. */
void *keep_bytes(struct keep *keep, size_t size);

/* A copy of LENGTH bytes, NUL-terminated; of a string (NULL stays NULL); of what printf makes. "" when memory is
 * short. */
const char *keep_copy(struct keep *keep, const char *bytes, size_t length);
const char *keep_string(struct keep *keep, const char *text);
const char *keep_print(struct keep *keep, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A copy of the NULL-terminated ARGV and its words; NULL for NULL or when memory is short. */
const char *const *keep_argv(struct keep *keep, const char *const *argv);

void keep_free(struct keep *keep);

#endif
