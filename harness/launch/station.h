// SPDX-License-Identifier: MIT
// launch: many runs of one program, one after another, each in a namespace of its own: what does not change is made once.
#ifndef SHMCHECK_HARNESS_LAUNCH_STATION_H
#define SHMCHECK_HARNESS_LAUNCH_STATION_H

#include "harness/launch/launch.h"
#include "protocol/plan.h"
#include "protocol/session.h"

struct station;

/* Prepares the calling process, which has one thread and does nothing else from then on. The program's standard streams
 * are the caller's own 0, 1 and 2. OPTIONS must outlive it; a plan is given with each run. Returns 0, or -errno with
 * WHY. */
int station_open(const struct launch_options *options, struct station **ret_station, char why[512]);

/* Starts the fork server, where one is wanted and none is there, in its TURN: the program's image may use the standard
 * streams, which are to be as for a run only after it. */
void station_prepare(struct station *station, uint32_t *turn);

/* One run. */
struct station_run {
	const char *rules[8]; /* the plan; NULL: no more */
	uint64_t seed;
	const char *folder; /* where the program starts; NULL: here */
	bool by_exec; /* though there is a fork server */
	bool
	    other_ids; /* by exec: the kernel gives other ids to segments than in a namespace that nobody used */
	int64_t timeout_ms; /* 0: the station's options say */
	uint32_t *
	    turn; /* taken while processes run: several stations take turns, and load the program before theirs; NULL */
	launch_sink *sink; /* as for launch() */
	void *context;
};

/* What it showed. Nothing is owned: all is valid until the next run. */
struct station_result {
	struct evidence evidence;
	const struct arena *arena;
	uint64_t arena_size;
	const struct plan *plan; /* as it was at the end; NULL: no rules */
	bool is_served; /* made by the fork server */
	enum server_refusal refusal; /* why none is there; NONE: nobody asked for one, or there is one */
	int exec_errno; /* 0, or why PROGRAM could not be executed (nothing ran) */
};

/* Runs the program once. Returns 0 or -errno with WHY. */
int station_run(struct station *station, const struct station_run *run, struct station_result *ret_result,
		char why[512]);

/* Removes the session. */
void station_close(struct station *station);

#endif
