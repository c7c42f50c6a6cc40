// SPDX-License-Identifier: MIT
// scenario: many scenarios, several at a time.
#ifndef SHMCHECK_HARNESS_SCENARIO_POOL_H
#define SHMCHECK_HARNESS_SCENARIO_POOL_H

#include "harness/scenario/run.h"

#include <stdbool.h>
#include <stddef.h>

enum { POOL_JOBS = 256 };

/* A scenario and what became of it. */
struct task {
	const struct ready *ready;
	uint32_t wanted; /* how many runs */
	bool explores; /* the runs passed, and the sweep is on */
	uint32_t runs; /* how many were made: the first that does not pass is the last */
	bool is_over; /* false in the end: it was not run, or not to its end */
	struct run_result result; /* of the last run */
	uint64_t duration_ns; /* of all runs */
	int log; /* of the last run, when it did not pass; -1 */
};

struct pool_settings {
	unsigned jobs;
	const volatile int *stop; /* becomes non-zero when the user wants it to end */
	void (*progress)(void *context, size_t done, size_t count);
	void *context;
};

/* Runs TASKS. Returns 0, or -errno when no process could be started. */
int pool_run(struct task *tasks, size_t count, const struct pool_settings *settings);

#endif
