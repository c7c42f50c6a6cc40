// SPDX-License-Identifier: MIT
// report: a single run as a report: a case a finding, or one for the whole run.
#ifndef SHMCHECK_HARNESS_REPORT_REPORT_RUN_H
#define SHMCHECK_HARNESS_REPORT_REPORT_RUN_H

#include "report.h"

/* Fills RET_REPORT (zeroed) from a judged run. EVIDENCE and BOOKS's ledger must outlive it. Returns 0 or -ENOMEM;
 * report_free in either case. */
int report_run(const struct evidence *evidence, const struct findings *findings, const struct books *books,
	       struct report *ret_report);

#endif
