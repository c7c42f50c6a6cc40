// SPDX-License-Identifier: MIT
// explore: the sweep: every point once, several at a time, what needs a second look twice.
#ifndef SHMCHECK_HARNESS_EXPLORE_SWEEP_H
#define SHMCHECK_HARNESS_EXPLORE_SWEEP_H

#include "harness/explore/causes.h"
#include "harness/explore/crew.h"
#include "harness/explore/places.h"
#include "harness/explore/worklist.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sweep;

struct sweep_settings {
	struct trial_request request; /* what every run has in common */
	struct worklist_settings worklist;
	struct ok_statuses ok;
	unsigned jobs; /* runs at a time */
	bool may_have_more_jobs; /* should the runs mostly sleep */
	unsigned depth;
	bool fork_server; /* wanted */
	bool is_shuffled; /* the points come in an order that the seed determines */
	uint64_t seed;
	uint64_t budget_runs; /* 0: none */
	uint64_t budget_ns;
	const char *output; /* folder for the outputs of failing runs; NULL */
	const volatile int *stop; /* becomes non-zero when the user wants it to end */
	void (*progress)(void *context, const struct sweep *sweep);
	void *context;
};

/* A program that waits before it tries again is no hang: the second run of one has so many times as long. */
enum { HANG_TIMES = 5 };

/* Runs without a fault beyond the two baselines. */
struct clean_runs {
	unsigned wanted, started, done;
};

struct sweep {
	struct trial baseline; /* the first */
	unsigned jobs; /* runs at a time: known from the first run on */
	int64_t hang_ms; /* how long the second run of one that hung may take; 0: no longer than others */
	int baseline_log; /* its event log; -1 */
	struct expected expected[2]; /* standard output, standard error */
	struct clean_runs clean;
	struct worklist points;
	struct places *places; /* owned by the caller */
	struct causes causes;
	size_t selected, done; /* points */
	size_t broken; /* points that the tool itself failed at */
	int unkept; /* -errno: why what a failing run printed could not be kept, the first time */
	uint64_t runs, served; /* those that the fork server made */
	bool has_server;
	struct ledger_map
	    checked; /* calls at which what the fork server showed was compared with a new process */
	struct ledger_map hung; /* places and modes where a hang was one with more time, too */
	bool is_contradicted; /* it was something else */
	char server_why[300]; /* why not, though it was wanted */
	uint64_t begin_ns, end_ns;
	bool is_cut; /* the budget, or the user, ended it */
	bool is_inconclusive; /* the baselines disagree, or the shim was kept out: why[] */
	char why[512];
	char trouble[256]; /* of the last broken point */
};

/* Whether it may end before all points are tried. */
bool sweep_has_budget(const struct sweep_settings *settings);

/* Both baselines. Returns 0, or -errno with why; exec_errno in baseline when PROGRAM can't be executed. */
int sweep_baseline(const struct sweep_settings *settings, struct sweep *sweep);

/* Whether runs by a fork server show what the baselines, which must be known and agree, have shown: has_server, or
 * server_why. Returns 0 or -errno. */
int sweep_try_server(const struct sweep_settings *settings, struct sweep *sweep);

/* Lists the baseline's points: state KNOWN. Returns 0 or -ENOMEM. */
int sweep_list(const struct sweep_settings *settings, struct sweep *sweep);

/* Tries them, and those that turn up. Returns 0 or -errno. */
int sweep_run(const struct sweep_settings *settings, struct sweep *sweep);

void sweep_free(struct sweep *sweep);

#endif
