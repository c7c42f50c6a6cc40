// SPDX-License-Identifier: MIT
// front end: options from the environment: SHMCHECK_OPTIONS.
#ifndef SHMCHECK_HARNESS_OPTIONS_ENVIRONMENT_H
#define SHMCHECK_HARNESS_OPTIONS_ENVIRONMENT_H

#include "options.h"

/* Parses the options in SHMCHECK_OPTIONS into OPTIONS, as if they stood before those of the command line. One that only
 * other commands take is passed over, so that the variable can serve all. On a bad one it says so, with the
 * variable's name and the column, and exits with the usage status. */
void options_from_environment(struct options *options);

/* For --verbose: says which were taken and which passed over; nothing without the variable. */
void options_environment_print(const struct options *options, FILE *stream);

/* Ends with the usage status where SHMCHECK_INJECT has rules and the command starts programs: the library takes rules from
 * there only when it runs without the command, so that they would have no effect. */
void options_environment_check(const struct options *options);

#endif
