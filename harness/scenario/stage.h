// SPDX-License-Identifier: MIT
// scenario: directs a run: starts who waits for something, sends signals at points, sees that nobody can go on.
#ifndef SHMCHECK_HARNESS_SCENARIO_STAGE_H
#define SHMCHECK_HARNESS_SCENARIO_STAGE_H

#include "harness/launch/cast.h"
#include "harness/scenario/order_plan.h"
#include "harness/scenario/play.h"

#include <pthread.h>

enum deed_state { DEED_AHEAD, DEED_DONE, DEED_VAIN /* nobody was there to be told */ };

enum { EXIT_WATCHERS = 32 };

struct exit_watcher {
	struct stage *stage;
	uint32_t point;
	int fd; /* of the process */
	pthread_t thread;
};

/* What became of a part. */
struct part_end {
	enum member_state state;
	pid_t pid; /* 0: never started */
	int status;
};

struct stage {
	const struct play *play;
	const struct parts *parts;
	const struct order_plan *plan;
	bool has_users; /* the folder of the run is for all users */
	bool goes_on; /* an order that cannot be met is given up, and the run goes on without it */
	struct launch_director director;

	struct order *order; /* the session's; NULL: nothing is ordered */
	struct cast *cast; /* its members are the parts */
	enum deed_state deeds[DEEDS_MOST];
	uint64_t look_ns; /* when it is looked whether anybody can go on; 0: nobody waits */
	bool is_watched[ORDER_POINTS]; /* a forked child's exit */
	bool is_given_up; /* the order could not be met */
	char why[2048]; /* then: who waits for what, a line each */
	char waiting[2048]; /* at the deadline: the same */
	bool is_late[SCENARIO_ROLES]; /* of each part: it still ran at the deadline */
	struct order *last; /* as it was at the end; owned */
	struct part_end ends[SCENARIO_ROLES]; /* of each part, at the end */
	int exec_errno; /* a program could not be executed: that of part `failed` */
	size_t failed;
	struct exit_watcher watchers[EXIT_WATCHERS];
	unsigned watcher_count;
};

/* Prepares RET_STAGE for one run. Its director is then ready for launch(). Returns 0 or -ENOMEM. */
int stage_new(const struct play *play, const struct parts *parts, const struct order_plan *plan,
	      struct stage *ret_stage);
void stage_free(struct stage *stage);

/* The parts of it. */

/* Plants the scenario's segments. Returns 0, or -errno with WHY. */
int plant_segments(const struct play *play, char why[512]);

/* The key that KEY or FILE means. Returns 0, or -errno with WHY. */
int plant_key(const struct play *play, const int64_t *key, const struct ftok_key *file, int32_t *ret_key,
	      char why[512]);

/* Marks point INDEX as passed (or opened) and wakes who waits for it. */
void stage_pass(struct stage *stage, uint32_t index, enum order_passed passed);

/* Whether nobody can go on; then the reasons are written into TEXT. */
bool deadlock_find(const struct stage *stage, char *text, size_t size);

/* Writes who waits for what into TEXT, a line each. */
void deadlock_tell(const struct stage *stage, char *text, size_t size);

/* Whether some thread or process waits at all. */
bool deadlock_is_possible(const struct stage *stage);

/* Passes POINT when process PID has died: for a forked child, whose death is told to its parent only. */
void exit_watch(struct stage *stage, uint32_t point, pid_t pid);
void exit_watch_end(struct stage *stage);

#endif
