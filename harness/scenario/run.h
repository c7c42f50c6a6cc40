// SPDX-License-Identifier: MIT
// scenario: one run of a scenario in a process of its own, and what it showed.
#ifndef SHMCHECK_HARNESS_SCENARIO_RUN_H
#define SHMCHECK_HARNESS_SCENARIO_RUN_H

#include "harness/analyze/finding.h"
#include "harness/report/report.h"
#include "harness/scenario/ready.h"

#include <sys/types.h>

enum { RUN_DETAILS = 12000 };

/* What a run showed; without pointers, since it comes from another process. */
struct run_result {
	enum outcome outcome;
	bool is_beyond; /* FAIL: and not only for findings */
	char details[RUN_DETAILS]; /* a line each: what is not as expected, or why it is inconclusive */
	uint64_t found[FINDING_COUNT];
	bool is_unexpected[FINDING_COUNT]; /* too many of these */
	uint64_t segments_left;
	uint64_t explored, not_explored; /* points */
	uint64_t duration_ns;
};

/* A run under way: a namespace and a session are entered once in a process's life. */
struct run {
	pid_t pid;
	bool explores;
	int result; /* memory files; -1: none */
	int log; /* its event log */
	char *session; /* the folder of its session, which it may leave when it is killed; shared with it */
};

/* Starts one, or (EXPLORES) the sweep of its `explore`. Returns 0 or -errno. */
int run_start(const struct ready *ready, bool explores, struct run *ret_run);

/* Takes in what a run that ended with STATUS showed. Never fails: a run that broke is inconclusive. */
void run_collect(const struct run *run, int status, struct run_result *ret_result);

/* Whether a run that ended with STATUS broke: its programs may be alive, and its folder may be there. */
bool run_is_broken(int status);

/* Closes what RUN holds; it must have ended. */
void run_close(struct run *run);

#endif
