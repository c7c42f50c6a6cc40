// SPDX-License-Identifier: MIT
// scenario: where the files and programs are that a scenario names.
#ifndef SHMCHECK_HARNESS_SCENARIO_LOCATE_H
#define SHMCHECK_HARNESS_SCENARIO_LOCATE_H

#include <limits.h>

/* NAME as it is meant from FOLDER. Returns 0 or -ENAMETOOLONG. */
int locate_file(const char *name, const char *folder, char ret_path[PATH_MAX]);

/* A program: without a slash NAME itself (for PATH); with one from FOLDER, then from each of PROGRAMS (ending with
 * NULL), then from the folder scenarios beside our own command. Returns 0, or -ENOENT with the first of them. */
int locate_program(const char *name, const char *folder, const char *const *programs,
		   char ret_path[PATH_MAX]);

#endif
