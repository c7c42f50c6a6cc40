// SPDX-License-Identifier: MIT
// front end: the options that commands have, by name, and the words of a command line that are none.
#ifndef SHMCHECK_HARNESS_OPTIONS_KNOWN_H
#define SHMCHECK_HARNESS_OPTIONS_KNOWN_H

#include "options.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

/* An option as the tables have it, and the group with the commands that take it; both NULL: none. */
struct known_option {
	const struct argp_option *option;
	const struct option_group *group;
};

/* The option whose long name is the LENGTH bytes at NAME, or whose letter is its one byte. Two tables may have options
 * of one name: COMMAND's own goes first. */
struct known_option known_option_find(const struct command *command, const char *name, size_t length);

/* The long name that is nearest to the one that WORD ("--name=value") begins with, or NULL: of COMMAND's options, or
 * where that is NULL of all. */
const char *known_option_nearest(const struct command *command, const char *word);

/* Whether a value has to stand behind the name. */
bool known_option_needs_value(const struct argp_option *option);

/* Looks at the words of STATE's command line up to the first one that is no option, as getopt will, and ends with
 * option_error on one that is none of COMMAND's: getopt's own words for it would hold its bytes as they are, and it
 * takes the letter 0xff for --help. */
void known_options_check(const struct command *command, struct argp_state *state);

#endif
