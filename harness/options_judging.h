// SPDX-License-Identifier: MIT
// front end: the options on judging and reporting.
#ifndef SHMCHECK_HARNESS_OPTIONS_JUDGING_H
#define SHMCHECK_HARNESS_OPTIONS_JUDGING_H

#include <argp.h>

extern const struct argp options_judging_argp; /* its input is a struct options */

#endif
