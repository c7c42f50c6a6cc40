// SPDX-License-Identifier: MIT
// front end: the options of explore alone.
#ifndef SHMCHECK_HARNESS_OPTIONS_EXPLORE_H
#define SHMCHECK_HARNESS_OPTIONS_EXPLORE_H

#include "harness/explore/expand.h"
#include "harness/explore/trial_request.h"
#include "harness/explore/verdict.h"

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

struct explore_options {
	struct expand_settings expand;
	struct ok_statuses ok; /* --ok-exit; the baseline's own comes on top */
	int64_t timeout_ms; /* --timeout; 0: by the baseline */
	unsigned jobs; /* 0: the processors */
	unsigned depth;
	bool all_points;
	uint64_t budget_runs;
	int64_t budget_ms;
	unsigned shard, shards;
	bool list, fork_server;
	const char *point;
	const char *stdin_file, *copy, *output;
};

void options_explore_defaults(struct explore_options *options);

/* Its input is a struct options *. */
extern const struct argp options_explore_argp;

#endif
