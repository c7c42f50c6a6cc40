// SPDX-License-Identifier: MIT
// scenario: what became of scenarios, as a report.
#ifndef SHMCHECK_HARNESS_SCENARIO_TELL_H
#define SHMCHECK_HARNESS_SCENARIO_TELL_H

#include "harness/report/report.h"
#include "harness/scenario/pool.h"

/* Adds TASK to REPORT as a case; a skipped one as failed when SKIPS_FAIL. PROGRAMS (ending with NULL) are what --programs
 * said, for the command that repeats it. Returns 0 or -ENOMEM. */
int tell_task(struct report *report, const struct task *task, const char *const *programs, bool skips_fail);

/* A line a scenario, details for those that did not pass, a summary. */
report_render tell_text;

#endif
