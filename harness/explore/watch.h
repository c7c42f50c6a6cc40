// SPDX-License-Identifier: MIT
// explore: a run's records become observations: the calls by role, ordinal and stack.
#ifndef SHMCHECK_HARNESS_EXPLORE_WATCH_H
#define SHMCHECK_HARNESS_EXPLORE_WATCH_H

#include "harness/analyze/finding.h"
#include "harness/analyze/ledger.h"
#include "harness/explore/identities.h"
#include "harness/explore/trial.h"

enum { WATCH_MOST = 200000 }; /* calls of one run that are looked at as points; the others are counted */

/* What a process told of itself. */
enum watch_life { LIFE_BEGUN = 1, LIFE_ENDED = 2 };

struct watch {
	struct record *calls; /* owned */
	size_t count, room;
	uint64_t left_out;
	unsigned char *lives; /* owned: by serial, enum watch_life */
	uint32_t life_room;
};

/* Forgets all, for another run. */
void watch_clear(struct watch *watch);

/* Keeps RECORD when it is a call, or the beginning or end of a process. Returns 0 or -ENOMEM. */
int watch_take(struct watch *watch, const struct record *record);

/* Turns the calls and FINDINGS into TRIAL's lists. Returns 0 or -ENOMEM. */
int watch_finish(const struct watch *watch, const struct ledger *ledger, const struct findings *findings,
		 struct identities *identities, const struct arena *arena, uint64_t arena_size,
		 struct trial *trial);

/* Whether a finding of that kind is a segment that was left. */
bool watch_is_left(enum finding_id id);

#endif
