// SPDX-License-Identifier: MIT
// explore: several worker processes, each with a station of its own, that make runs for us.
#ifndef SHMCHECK_HARNESS_EXPLORE_CREW_H
#define SHMCHECK_HARNESS_EXPLORE_CREW_H

#include "harness/explore/trial_request.h"

#include <stdbool.h>
#include <stddef.h>

enum { CREW_MAX = 64 };

struct crew;

/* Files that a run left, in memory: of a finding and of runs before the baselines are known; else -1. */
struct run_files {
	int output[2]; /* what the program printed */
	int log; /* --log of that run */
};

/* Workers for JOBS runs at a time of REQUEST, which must outlive them. With TAKING_TURNS there are two for each job where
 * processors are left: while the other's program runs, one looks at what its run gave, and has its next program loaded.
 * Returns 0 or -errno. */
int crew_open(const struct trial_request *request, unsigned jobs, bool taking_turns, struct crew **ret_crew);

/* How many workers there are; the first JOBS of them have a turn each. */
unsigned crew_count(const struct crew *crew);

/* How many runs worker INDEX has to do: it takes up to SLOTS, so that it never waits for us; only one that is traced. */
unsigned crew_pending(const struct crew *crew, unsigned index);
bool crew_has_room(const struct crew *crew, unsigned index, bool is_traced);

/* Gives worker INDEX, which must have room, something to do. Returns 0 or -errno. */
int crew_start(struct crew *crew, unsigned index, const struct assignment *assignment);

/* Waits for a worker that is done. Returns 0, -EINTR when a signal came or may have come, -ECHILD when all are idle. */
int crew_wait(struct crew *crew, unsigned *ret_index);

/* What the oldest run of worker INDEX showed. The caller owns what it gets. Returns 0, or -ECHILD when the worker died
 * (another takes its place). */
int crew_collect(struct crew *crew, unsigned index, struct trial *ret_trial, struct run_files *ret_files);

void run_files_close(struct run_files *files);

/* Ends all; runs under way are killed. */
void crew_close(struct crew *crew);

#endif
