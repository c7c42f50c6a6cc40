// SPDX-License-Identifier: MIT
// scenario: values that are written as a text: counts, exit statuses, bytes, users.
#ifndef SHMCHECK_HARNESS_SCENARIO_VALUE_H
#define SHMCHECK_HARNESS_SCENARIO_VALUE_H

#include "harness/launch/launch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From LEAST to MOST. */
struct count_range {
	uint64_t least, most; /* UINT64_MAX: without end */
};

/* "N", "N+" or "N..M". Returns 0 or -EINVAL. */
int count_parse(const char *text, struct count_range *ret_range);

/* "WORD" or "WORD COUNT"; the word's length goes into *RET_LENGTH. Returns 0 or -EINVAL. */
int counted_parse(const char *text, size_t *ret_length, struct count_range *ret_range);

/* "none", "2", "at least 2", "2 to 5". Returns TEXT. */
const char *count_say(const struct count_range *range, char text[64]);

enum exit_kind { EXIT_STATUS, EXIT_NONZERO, EXIT_ANY };

/* "N", "nonzero", "any". Returns 0 or -EINVAL. */
int exit_parse(const char *text, enum exit_kind *ret_kind, int *ret_status);

/* Numbers of two hexadecimal digits, with or without blanks between. Writes at most ROOM of them and returns how
 * many there are, or -EINVAL. */
int hex_parse(const char *text, unsigned char *ret_bytes, size_t room);

/* A user by name or number. Returns 0 or -ENOENT. RET_USER->name lives as long as TEXT. */
int user_parse(const char *text, struct launch_user *ret_user);

#endif
