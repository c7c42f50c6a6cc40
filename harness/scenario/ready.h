// SPDX-License-Identifier: MIT
// scenario: a scenario that was found to mean something, compiled for its runs.
#ifndef SHMCHECK_HARNESS_SCENARIO_READY_H
#define SHMCHECK_HARNESS_SCENARIO_READY_H

#include "harness/launch/launch.h"
#include "harness/options_explore.h"
#include "harness/scenario/order_plan.h"
#include "harness/scenario/play.h"
#include "protocol/plan.h"

struct ready {
	struct play play;
	struct parts *parts; /* owned */
	struct order_plan *order; /* owned */
	struct plan *rules; /* owned; NULL: none */
	uint64_t rules_size;
	const char *skip; /* why it is not run; NULL: it is */
	struct launch_program *programs; /* of each part, but for stdio; owned */
	struct launch_user *users; /* owned */
	bool has_users; /* somebody is not the caller */
	int64_t timeout_ms, linger_ms;
	struct explore_options explore; /* of the section; the defaults without */
};

/* Loads scenario INDEX of SCRIPT and checks all of it; PROGRAMS (ending with NULL) are folders where programs are looked
 * for. Returns 0, or -errno with the complaint. */
int ready_make(const struct script *script, size_t index, const char *work, const char *const *programs,
	       struct ready *ret_ready, struct complaint *complaint);
/* The options of its runs, with PROGRAMS (its own, each with its streams) and DIRECTOR. */
void ready_launch(const struct ready *ready, const struct launch_program *programs,
		  const struct launch_director *director, struct launch_options *ret_options);

void ready_free(struct ready *ready);

#endif
