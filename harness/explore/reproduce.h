// SPDX-License-Identifier: MIT
// explore: the command line that repeats one point.
#ifndef SHMCHECK_HARNESS_EXPLORE_REPRODUCE_H
#define SHMCHECK_HARNESS_EXPLORE_REPRODUCE_H

#include "harness/options.h"

/* "shmcheck explore", the options that change how the program runs, --point=ID, "--" and the program: a new
 * NULL-terminated array, to be freed with reproduce_free; NULL: no memory. */
char **reproduce_argv(const struct options *options, const char *id);
void reproduce_free(char **argv);

#endif
