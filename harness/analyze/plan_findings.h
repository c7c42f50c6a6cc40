// SPDX-License-Identifier: MIT
// analysis: what the rules themselves are guilty of: those that never had an effect.
#ifndef SHMCHECK_HARNESS_ANALYZE_PLAN_FINDINGS_H
#define SHMCHECK_HARNESS_ANALYZE_PLAN_FINDINGS_H

#include "evidence.h"
#include "finding.h"
#include "protocol/plan.h"

/* Adds a fault-not-hit for each rule of PLAN (as it stood at the end of the run) that should have been hit and was
 * not. Returns 0 or -ENOMEM. */
int plan_findings(const struct plan *plan, struct findings *findings);

/* Adds a doubt to EVIDENCE where the plan could not be kept: counts without a place. Returns 0 or -ENOMEM. */
int plan_doubts(const struct plan *plan, struct evidence *evidence);

/* A rule at the end of a run, for reports. */
struct rule_count {
	char text[PLAN_TEXT]; /* canonical */
	const char *name; /* ""; points into the plan */
	uint64_t matches; /* calls that passed the filters */
	uint64_t hits; /* calls where the effect took place */
	bool expect_hit;
};

/* Rule INDEX from 0; false past the end. */
bool plan_rule_count(const struct plan *plan, uint32_t index, struct rule_count *ret_count);

#endif
