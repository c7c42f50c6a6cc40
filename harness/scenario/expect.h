// SPDX-License-Identifier: MIT
// scenario: what happened in a run against what was expected.
#ifndef SHMCHECK_HARNESS_SCENARIO_EXPECT_H
#define SHMCHECK_HARNESS_SCENARIO_EXPECT_H

#include "harness/analyze/evidence.h"
#include "harness/analyze/finding.h"
#include "harness/scenario/lines.h"
#include "harness/scenario/ready.h"
#include "harness/scenario/stage.h"

/* A run that is over, seen from inside its namespace. */
struct outcome_of_run {
	const struct ready *ready;
	const struct stage *stage;
	const struct evidence *evidence;
	const struct findings *findings;
	const int (*stdio)[3]; /* of each part: what it read, and the files that it wrote to */
	uint64_t found[FINDING_COUNT]; /* how often each was seen */
	uint64_t serious[FINDING_COUNT]; /* of these, those of severity warning or error */
	bool is_unexpected[FINDING_COUNT];
	size_t segments_left;
};

/* Counts what was found and writes into LINES, a line each, what is not as expected. Whether that is more than
 * findings goes into *RET_BEYOND. */
void expect_check(struct outcome_of_run *run, struct lines *lines, bool *ret_beyond);

/* The parts of it. */
void expect_processes(const struct outcome_of_run *run, struct lines *lines);
void expect_segments(struct outcome_of_run *run, struct lines *lines);

#endif
