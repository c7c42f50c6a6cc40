// SPDX-License-Identifier: MIT
// explore: the worklist: every point once, several at a time, what needs a second look twice.
#ifndef SHMCHECK_HARNESS_EXPLORE_SWEEP_H
#define SHMCHECK_HARNESS_EXPLORE_SWEEP_H

#include "harness/explore/expand.h"
#include "harness/explore/runner.h"
#include "harness/explore/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum point_state { STATE_KNOWN, STATE_RUNNING, STATE_DONE, STATE_BROKEN };

/* A point and what became of it. */
struct tried {
	struct point point;
	enum point_state state;
	enum point_verdict verdict;
	bool is_flaky; /* a second run had another verdict */
	bool is_selected; /* of this shard, and asked for */
	unsigned runs;
	struct trial trial; /* of the first run that had the verdict; its calls are dropped */
	struct observation fired; /* the call that failed, as that run had it */
	int log; /* of that run, for findings; -1 */
};

struct sweep_settings {
	const struct trial_request *request;
	struct expand_settings expand;
	struct ok_statuses ok;
	unsigned jobs, depth;
	bool all_points; /* --points=all */
	uint64_t budget_runs; /* 0: none */
	uint64_t budget_ns;
	unsigned shard, shards; /* I of N, from 1; 0: all */
	const char *only; /* --point=ID; NULL: all */
	const volatile int *stop; /* becomes non-zero when the user wants it to end */
	void (*progress)(void *context, size_t done, size_t known);
	void *context;
};

struct sweep {
	struct trial baseline; /* the first */
	int baseline_log; /* its event log; -1 */
	struct output_mask masks[2];
	struct tried *tried; /* owned */
	size_t count, room;
	size_t *known; /* owned: hash index of tried: index + 1, or 0 */
	size_t known_size;
	size_t cursor; /* nothing to start lies before it */
	size_t done;
	uint64_t runs;
	uint64_t begin_ns;
	bool is_cut; /* budget or stop ended it */
	char why[512]; /* a sentence when it could not be done or the baselines disagree */
	bool is_inconclusive;
};

/* Both baselines. Returns 0, or -errno with why; exec_errno in baseline when PROGRAM can't be executed. */
int sweep_baseline(const struct sweep_settings *settings, struct sweep *sweep);

/* Lists the baseline's points: state KNOWN. Returns 0 or -ENOMEM. */
int sweep_list(const struct sweep_settings *settings, struct sweep *sweep);

/* Tries them, and those that turn up. Returns 0 or -errno. */
int sweep_run(const struct sweep_settings *settings, struct sweep *sweep);

void sweep_free(struct sweep *sweep);

#endif
