// SPDX-License-Identifier: MIT
// explore: what all runs of an exploration have in common.
#ifndef SHMCHECK_HARNESS_EXPLORE_TRIAL_REQUEST_H
#define SHMCHECK_HARNESS_EXPLORE_TRIAL_REQUEST_H

#include "harness/explore/expected.h"
#include "harness/explore/trial.h"
#include "harness/explore/verdict.h"
#include "harness/launch/launch.h"

enum { DEPTH_MAX = 4, SLOTS = 2 /* runs that a worker is given ahead */ };

struct places;

struct trial_request {
	const struct launch_options *launch;
	const char *const *roles; /* globs, ending with NULL: only their calls are looked at; NULL: all */
	const char *stdin_file; /* NULL: /dev/null */
	const char *copy; /* folder to copy and work in; NULL: where we are */
	const char *rules; /* of the user, for every run behind the point's own; NULL: none */
	uint64_t seed; /* of their p= */
	bool is_root; /* copies keep their owners; a worker in a user namespace takes itself for root */

	/* Known when the baselines are done; before that all runs are kept. */
	const struct expected *expected; /* standard output and standard error; NULL: unknown */
	const struct trial *baseline;
	const struct ok_statuses *ok;
	const struct places *places; /* whose names are known; NULL */
};

/* One run: the point and those that it comes after. */
struct assignment {
	uint32_t count; /* 0: no fault */
	uint32_t slot; /* of the result files; the crew's own */
	uint32_t slow_ms, slow_calls; /* so many calls take so much longer each; 0: none */
	uint32_t by_exec; /* though there is a fork server */
	uint32_t other_ids; /* segments have other ids than in the other runs */
	uint32_t watches_crashes; /* trace the processes: dearer, and the only way to see how they crash */
	int64_t timeout_ms; /* 0: as in the other runs */
	struct point chain[DEPTH_MAX]; /* the point first */
};

#endif
