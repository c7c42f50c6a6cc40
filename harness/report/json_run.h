// SPDX-License-Identifier: MIT
// report: JSON: what only a single run has: its events, segments and rules.
#ifndef SHMCHECK_HARNESS_REPORT_JSON_RUN_H
#define SHMCHECK_HARNESS_REPORT_JSON_RUN_H

#include "report.h"

/* Writes an object for each event (when there is an events_log), segment and rule of REPORT, which has books. Returns 0
 * or -errno. */
int json_run_put(const struct report *report, FILE *stream);

/* The object of one event. */
json_t *json_event(const struct report *report, const struct record *record);

#endif
