// SPDX-License-Identifier: MIT
// scenario: directs a run: starts who waits for something, sends signals at points, sees that nobody can go on.
#include "stage.h"

#include "harness/clock.h"
#include "work_folder.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Most waits are over long before the first look. */
enum { LOOK_FIRST_MS = 5, LOOK_AGAIN_MS = 25 };

void stage_pass(struct stage *stage, uint32_t index, enum order_passed passed)
{
	struct order_point *point = &stage->order->points[index];
	uint32_t ahead = ORDER_AHEAD;
	if (!__atomic_compare_exchange_n(&point->passed, &ahead, passed, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST))
		return;
	syscall(SYS_futex, &point->passed, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool is_passed(const struct stage *stage, uint32_t index)
{
	return __atomic_load_n(&stage->order->points[index].passed, __ATOMIC_ACQUIRE) != ORDER_AHEAD;
}

/* The links as we compiled them: the session's copy can be written by the program. */
static bool has_passed_waits(const struct stage *stage, uint32_t index)
{
	const struct order *order = &stage->plan->order;
	struct order_links links = order->points[index].waits;
	for (uint32_t i = 0; i < links.count; i++)
		if (!is_passed(stage, order->links[links.first + i]))
			return false;
	return true;
}

static const struct member *find_member(const struct stage *stage, const char *role)
{
	for (size_t i = 0; i < stage->parts->count; i++)
		if (strcmp(stage->parts->list[i].role, role) == 0)
			return &stage->cast->members[i];
	return NULL;
}

/* The pid of the process in ROLE; 0: it has not started, or has ended. */
static pid_t pid_of(const struct stage *stage, const char *role)
{
	const struct member *member = find_member(stage, role);
	if (member)
		return member->state == MEMBER_RUNNING ? member->pid : 0;
	for (uint32_t i = 0; i < stage->plan->order.place_count; i++) {
		if (strcmp(stage->plan->order.places[i].role, role) != 0)
			continue;
		pid_t pid = __atomic_load_n(&stage->order->places[i].pid, __ATOMIC_ACQUIRE);
		return pid > 0 && kill(pid, 0) == 0 ? pid : 0;
	}
	return 0;
}

static void do_deed(struct stage *stage, size_t index)
{
	const struct deed *deed = &stage->plan->deeds[index];
	bool is_due = deed->trigger == ORDER_NOWHERE
			  ? has_passed_waits(stage, deed->point)
			  : __atomic_load_n(&stage->order->points[deed->trigger].reached, __ATOMIC_ACQUIRE);
	if (!is_due)
		return;
	pid_t pid = pid_of(stage, deed->to);
	stage->deeds[index] = pid > 0 && kill(pid, deed->signal) == 0 ? DEED_DONE : DEED_VAIN;
	stage_pass(stage, deed->point, ORDER_PASSED);
}

static void start_parts(struct stage *stage)
{
	for (size_t i = 0; i < stage->parts->count; i++) {
		const struct member *member = &stage->cast->members[i];
		if (member->state == MEMBER_WAITING && member->program->waits &&
		    has_passed_waits(stage, (uint32_t)stage->plan->start[i]) && cast_start(stage->cast, i))
			stage->cast->is_stopped = true; /* no memory: the run says so by what is missing */
	}
}

/* Exits of forked children that have started meanwhile. */
static void watch_exits(struct stage *stage)
{
	for (uint32_t i = 0; i < stage->plan->order.point_count; i++) {
		const struct order_point *point = &stage->plan->order.points[i];
		if (stage->is_watched[i] || point->place == ORDER_NOWHERE ||
		    stage->plan->order.places[point->place].event != EVENT_EXIT ||
		    find_member(stage, stage->plan->order.places[point->place].role))
			continue;
		pid_t pid = __atomic_load_n(&stage->order->places[point->place].pid, __ATOMIC_ACQUIRE);
		if (pid <= 0)
			continue;
		stage->is_watched[i] = true;
		exit_watch(stage, i, pid);
	}
}

static void give_up(struct stage *stage)
{
	stage->is_given_up = true;
	if (!stage->goes_on) {
		stage->cast->is_stopped = true;
		return;
	}
	for (uint32_t i = 0; i < stage->plan->order.point_count; i++)
		stage_pass(stage, i, ORDER_OPENED);
	start_parts(stage);
}

/* Whether anybody waits; if not, the next one is to tell us. */
static bool has_waiters(struct stage *stage)
{
	if (deadlock_is_possible(stage))
		return true;
	__atomic_store_n(&stage->order->watched, 0, __ATOMIC_SEQ_CST);
	if (!deadlock_is_possible(stage))
		return false;
	__atomic_store_n(&stage->order->watched, 1, __ATOMIC_SEQ_CST);
	return true;
}

/* Looks from time to time, while somebody waits, whether that can end. The processes themselves need none of it; and a
 * parent that begins to wait for its child would not tell us. Returns in how many ms to look again; -1: not at all. */
static int watch_waiters(struct stage *stage)
{
	uint64_t now = clock_now_ns();
	if (!has_waiters(stage)) {
		stage->look_ns = 0;
		return -1;
	}
	if (!stage->look_ns)
		stage->look_ns = now + LOOK_FIRST_MS * UINT64_C(1000000);
	if (now < stage->look_ns)
		return (int)((stage->look_ns - now) / 1000000) + 1;
	stage->look_ns = now + LOOK_AGAIN_MS * UINT64_C(1000000);
	if (!deadlock_find(stage, stage->why, sizeof stage->why))
		return LOOK_AGAIN_MS;
	give_up(stage);
	return 0;
}

static int attend(void *context)
{
	struct stage *stage = context;
	if (!stage->order || stage->cast->is_stopped)
		return -1;
	watch_exits(stage);
	for (size_t i = 0; i < stage->plan->deed_count; i++)
		if (stage->deeds[i] == DEED_AHEAD)
			do_deed(stage, i);
	start_parts(stage);
	return stage->is_given_up ? -1 : watch_waiters(stage);
}

/* Takes the dead out of the list of those that wait. */
static void forget_waiters(struct stage *stage, pid_t pid)
{
	for (uint32_t i = 0; i < ORDER_WAITERS; i++) {
		uint64_t owner = __atomic_load_n(&stage->order->waiters[i].owner, __ATOMIC_ACQUIRE);
		if ((pid_t)(owner >> 32) == pid)
			__atomic_compare_exchange_n(&stage->order->waiters[i].owner, &owner, 0, false,
						    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
}

static void ended(void *context, pid_t pid, int status)
{
	struct stage *stage = context;
	(void)status;
	if (!stage->order)
		return;
	forget_waiters(stage, pid);
	for (uint32_t i = 0; i < stage->plan->order.point_count; i++) {
		const struct order_point *point = &stage->plan->order.points[i];
		if (point->place == ORDER_NOWHERE ||
		    stage->plan->order.places[point->place].event != EVENT_EXIT)
			continue;
		const struct member *member =
		    find_member(stage, stage->plan->order.places[point->place].role);
		if (member ? member->pid == pid && member->state == MEMBER_ENDED
			   : stage->order->places[point->place].pid == pid)
			stage_pass(stage, i, ORDER_PASSED);
	}
}

static int prepare(void *context, char why[512])
{
	const struct stage *stage = context;
	const char *path = stage->play->work;
	work_folder_remove(path); /* of the run before */
	int code = work_folder_make(path, stage->has_users);
	if (code)
		snprintf(why, 512, "the folder '%.300s' cannot be made: %s", path, strerror(-code));
	return code ? code : plant_segments(stage->play, why);
}

static void begin(void *context, struct order *order, struct cast *cast)
{
	struct stage *stage = context;
	stage->order = order;
	stage->cast = cast;
}

static void timed_out(void *context)
{
	struct stage *stage = context;
	for (size_t i = 0; i < stage->parts->count; i++)
		stage->is_late[i] = stage->cast->members[i].state == MEMBER_RUNNING;
	if (stage->order)
		deadlock_tell(stage, stage->waiting, sizeof stage->waiting);
}

static void close_stage(void *context)
{
	struct stage *stage = context;
	exit_watch_end(stage);
	for (size_t i = 0; i < stage->parts->count; i++) {
		const struct member *member = &stage->cast->members[i];
		stage->ends[i] = (struct part_end){member->state, member->pid, member->status};
	}
	stage->exec_errno = stage->cast->exec_errno;
	stage->failed = stage->cast->failed;
	if (stage->order && stage->last)
		memcpy(stage->last, stage->order, sizeof *stage->last);
	stage->order = NULL;
}

int stage_new(const struct play *play, const struct parts *parts, const struct order_plan *plan,
	      struct stage *ret_stage)
{
	*ret_stage = (struct stage){.play = play, .parts = parts, .plan = plan};
	ret_stage->director =
	    (struct launch_director){ret_stage, prepare, begin, ended, attend, timed_out, close_stage};
	ret_stage->last = calloc(1, sizeof *ret_stage->last);
	return ret_stage->last ? 0 : -ENOMEM;
}

void stage_free(struct stage *stage)
{
	free(stage->last);
	stage->last = NULL;
}
