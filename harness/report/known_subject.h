// SPDX-License-Identifier: MIT
// report: what a suppression is held against, out of a finding or a case.
#ifndef SHMCHECK_HARNESS_REPORT_KNOWN_SUBJECT_H
#define SHMCHECK_HARNESS_REPORT_KNOWN_SUBJECT_H

#include "harness/analyze/suppress.h"
#include "report.h"

/* Valid as long as FINDING. */
void subject_of_finding(const struct told_finding *finding, struct suppress_subject *ret_subject);

/* The same for a case as a whole, under the name ID; its location becomes FRAME. */
void subject_of_case(const struct report_case *item, const char *id, struct frame *frame,
		     struct suppress_subject *ret_subject);

#endif
