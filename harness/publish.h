// SPDX-License-Identifier: MIT
// front end: a filled report to every place and in every format that was asked for.
#ifndef SHMCHECK_HARNESS_PUBLISH_H
#define SHMCHECK_HARNESS_PUBLISH_H

#include "harness/options.h"
#include "harness/report/report.h"

/* Whether every file that OPTIONS have written at the end could be written now: nobody wants to hear of it after an hour.
 * Nothing is made or changed. Returns 0, or -errno after saying why. */
int publish_check(const struct options *options);

/* Settles what counts in REPORT (suppressions, baseline, --fail-on), renders every --report of OPTIONS, and puts the
 * verdict into *ret_verdict. Returns 0, or -errno after saying what went wrong. */
int publish(const struct options *options, struct report *report, enum verdict *ret_verdict);

#endif
