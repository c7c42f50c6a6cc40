// SPDX-License-Identifier: MIT
// front end: values of options: a word out of a few, a number, a duration; or a usage error.
#ifndef SHMCHECK_HARNESS_OPTIONS_VALUE_H
#define SHMCHECK_HARNESS_OPTIONS_VALUE_H

#include <argp.h>
#include <stdint.h>

/* Says what is wrong (printf-like) and where it came from, and exits with the usage status. */
void option_error(const struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Where the options come from that are parsed now, for option_error: "SHMCHECK_OPTIONS, column 3"; NULL: the command
 * line. The text must last. */
void option_source(const char *source);

/* Says so on standard error where they do not come from the command line: behind a message of somebody who does not know. */
void option_place(void);

/* Each takes the value of --OPTION; when it is none, it says what was expected and exits with the usage status. */

/* The place of VALUE in WORDS (ending with NULL). */
unsigned option_choice(struct argp_state *state, const char *option, const char *value,
		       const char *const *words);

/* A whole number from 0 to MOST. */
int64_t option_number(struct argp_state *state, const char *option, const char *value, int64_t most);

/* A whole number from 1 to MOST. */
unsigned option_count(struct argp_state *state, const char *option, const char *value, unsigned most);

/* Milliseconds. */
int64_t option_duration(struct argp_state *state, const char *option, const char *value);

#endif
