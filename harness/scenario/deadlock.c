// SPDX-License-Identifier: MIT
// scenario: whether the processes of a run can still go on, and who waits for what.
#include "harness/launch/tree.h"
#include "harness/report/say.h"
#include "lines.h"
#include "stage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* A thread that waits, or a part that is not started yet (pid 0). */
struct waiting {
	pid_t pid, tid;
	uint32_t point, awaited;
};

struct scene {
	const struct stage *stage;
	struct waiting list[ORDER_WAITERS + SCENARIO_ROLES];
	size_t count;
};

static bool is_ahead(const struct stage *stage, uint32_t point)
{
	return __atomic_load_n(&stage->order->points[point].passed, __ATOMIC_ACQUIRE) == ORDER_AHEAD;
}

static void add_threads(struct scene *scene)
{
	const struct stage *stage = scene->stage;
	uint32_t points = stage->plan->order.point_count;
	for (uint32_t i = 0; i < ORDER_WAITERS; i++) {
		const struct order_waiter *waiter = &stage->order->waiters[i];
		uint64_t owner = __atomic_load_n(&waiter->owner, __ATOMIC_ACQUIRE);
		struct waiting waiting = {(pid_t)(owner >> 32), (pid_t)(uint32_t)owner, waiter->point,
					  waiter->awaited};
		if (owner > 1 && waiting.point < points && waiting.awaited < points &&
		    is_ahead(stage, waiting.awaited))
			scene->list[scene->count++] = waiting;
	}
}

/* Parts whose start waits: for the first thing that is still ahead. */
static void add_parts(struct scene *scene)
{
	const struct stage *stage = scene->stage;
	const struct order *order = &stage->plan->order;
	for (size_t i = 0; i < stage->parts->count; i++) {
		if (stage->cast->members[i].state != MEMBER_WAITING || stage->plan->start[i] < 0)
			continue;
		uint32_t start = (uint32_t)stage->plan->start[i];
		struct order_links links = order->points[start].waits;
		for (uint32_t k = 0; k < links.count; k++) {
			uint32_t awaited = order->links[links.first + k];
			if (!is_ahead(stage, awaited))
				continue;
			scene->list[scene->count++] = (struct waiting){0, 0, start, awaited};
			break;
		}
	}
}

static void look(const struct stage *stage, struct scene *ret_scene)
{
	ret_scene->stage = stage;
	ret_scene->count = 0;
	add_threads(ret_scene);
	add_parts(ret_scene);
}

bool deadlock_is_possible(const struct stage *stage)
{
	struct scene scene;
	look(stage, &scene);
	return scene.count > 0;
}

static const struct member *find_member(const struct stage *stage, const char *role, size_t length)
{
	for (size_t i = 0; i < stage->parts->count; i++)
		if (strlen(stage->parts->list[i].role) == length &&
		    memcmp(stage->parts->list[i].role, role, length) == 0)
			return &stage->cast->members[i];
	return NULL;
}

static bool is_dead(pid_t pid)
{
	char path[64], state = 'X';
	if (kill(pid, 0) && errno == ESRCH)
		return true;
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *stream = fopen(path, "re");
	if (stream && fscanf(stream, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	if (stream)
		fclose(stream);
	return state == 'Z' || state == 'X';
}

/* The pid that the first LENGTH bytes of ROLE had when it started; 0: not seen. */
static pid_t known_pid(const struct stage *stage, const char *role, size_t length)
{
	for (uint32_t i = 0; i < stage->plan->order.place_count; i++) {
		const char *name = stage->plan->order.places[i].role;
		if (strlen(name) == length && memcmp(name, role, length) == 0)
			return __atomic_load_n(&stage->order->places[i].pid, __ATOMIC_ACQUIRE);
	}
	return 0;
}

/* Whether a process of ROLE (its first LENGTH bytes) can make no call any more, now or later. The ancestor that says so
 * goes into *RET_LENGTH. */
static bool is_over(const struct stage *stage, const char *role, size_t length, size_t *ret_length)
{
	const struct member *member = find_member(stage, role, length);
	*ret_length = length;
	if (member)
		return member->state == MEMBER_ENDED;
	pid_t pid = known_pid(stage, role, length);
	if (pid)
		return is_dead(pid);
	while (length && role[length - 1] != '@')
		length--;
	return length && is_over(stage, role, length - 1, ret_length);
}

static void put_point(struct lines *lines, const struct stage *stage, const struct waiting *waiting)
{
	char point[POINT_TEXT], awaited[POINT_TEXT];
	uint32_t place = stage->plan->order.points[waiting->point].place;
	const char *role = place == ORDER_NOWHERE ? "?" : stage->plan->order.places[place].role;
	if (waiting->pid)
		lines_put(lines, "%s (pid %d) waits at %s for %s", role, waiting->pid,
			  order_plan_say(stage->plan, waiting->point, point),
			  order_plan_say(stage->plan, waiting->awaited, awaited));
	else
		lines_put(lines, "%s is not started: it waits for %s", role,
			  order_plan_say(stage->plan, waiting->awaited, awaited));
}

/* Says why AWAITED cannot come, if it cannot. */
static bool is_lost(const struct stage *stage, const struct waiting *waiting, struct lines *lines)
{
	uint32_t index = stage->plan->order.points[waiting->awaited].place;
	char status[64] = "";
	size_t length;
	if (index == ORDER_NOWHERE)
		return false;
	const struct order_place *place = &stage->plan->order.places[index];
	bool is_ending = place->event == EVENT_EXIT && known_pid(stage, place->role, strlen(place->role));
	if (is_ending) /* dead or not: its end will be seen */
		return false;
	if (!is_over(stage, place->role, strlen(place->role), &length) || !is_ahead(stage, waiting->awaited))
		return false;
	const struct member *member = find_member(stage, place->role, length);
	if (member && member->pid)
		say_status(member->status, status, sizeof status);
	put_point(lines, stage, waiting);
	lines_put(lines, ", which cannot come: %.*s has ended%s%s%s", (int)length, place->role,
		  *status ? " (" : "", status, *status ? ")" : "");
	if (length < strlen(place->role))
		lines_put(lines, " and never had that child");
	else if (place->event < CALL_COUNT || place->event == EVENT_POINT)
		lines_put(lines, " after %u of these calls",
			  __atomic_load_n(&stage->order->places[index].count, __ATOMIC_ACQUIRE));
	lines_put(lines, "\n");
	return true;
}

/* What a thread is doing: a system call by its number, or one of these. */
enum { CALL_NONE = -1 /* it runs, begins or ends */, CALL_SECRET = -2 /* we may not know */ };

static long current_call(pid_t pid, pid_t tid)
{
	char path[80];
	long number = CALL_NONE;
	snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", pid, tid);
	FILE *stream = fopen(path, "re");
	if (!stream)
		return errno == EACCES || errno == EPERM ? CALL_SECRET : CALL_NONE;
	if (fscanf(stream, "%ld", &number) != 1)
		number = errno == EACCES || errno == EPERM ? CALL_SECRET : CALL_NONE;
	fclose(stream);
	return number;
}

static bool is_waiting(const struct scene *scene, pid_t tid)
{
	for (size_t i = 0; i < scene->count; i++)
		if (scene->list[i].tid == tid)
			return true;
	return false;
}

/* Whether all threads of PID wait: for an order of ours, or for a child (which is looked at by itself). */
static bool is_blocked(const struct scene *scene, pid_t pid)
{
	char path[64];
	bool is_blocked = true;
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *folder = opendir(path);
	if (!folder)
		return true; /* gone */
	for (struct dirent *entry; is_blocked && (entry = readdir(folder));) {
		pid_t tid = (pid_t)atol(entry->d_name);
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		long call = current_call(pid, tid);
		is_blocked = is_waiting(scene, tid) ? call == SYS_futex || call == CALL_SECRET
						    : call == SYS_wait4 || call == SYS_waitid;
	}
	closedir(folder);
	return is_blocked;
}

/* Whether somebody has died whose death was not taken in yet: it may be what others wait for. */
static bool is_death_under_way(const struct stage *stage)
{
	for (size_t i = 0; i < stage->cast->count; i++) {
		const struct member *member = &stage->cast->members[i];
		if (member->state == MEMBER_RUNNING && is_dead(member->pid))
			return true;
	}
	for (uint32_t i = 0; i < stage->plan->order.point_count; i++) {
		uint32_t index = stage->plan->order.points[i].place;
		if (index == ORDER_NOWHERE || stage->plan->order.places[index].event != EVENT_EXIT)
			continue;
		const char *role = stage->plan->order.places[index].role;
		pid_t pid = known_pid(stage, role, strlen(role));
		if (pid && is_ahead(stage, i) && is_dead(pid))
			return true;
	}
	return false;
}

static bool is_everybody_blocked(const struct scene *scene)
{
	struct survivor *list;
	size_t count;
	if (tree_find(&list, &count))
		return false;
	bool is_blocked_all = true;
	for (size_t i = 0; is_blocked_all && i < count; i++)
		is_blocked_all = is_blocked(scene, list[i].pid);
	free(list);
	/* Whoever was let go by somebody that we looked at later: then a point has been passed meanwhile. */
	for (size_t i = 0; is_blocked_all && i < scene->count; i++)
		is_blocked_all = is_ahead(scene->stage, scene->list[i].awaited);
	return is_blocked_all && !is_death_under_way(scene->stage);
}

static void put_scene(struct lines *lines, const struct scene *scene)
{
	for (size_t i = 0; i < scene->count; i++) {
		put_point(lines, scene->stage, &scene->list[i]);
		lines_put(lines, "\n");
	}
}

bool deadlock_find(const struct stage *stage, char *text, size_t size)
{
	struct lines lines = {text, size, 0};
	struct scene scene;
	look(stage, &scene);
	text[0] = '\0';
	for (size_t i = 0; i < scene.count; i++)
		if (is_lost(stage, &scene.list[i], &lines))
			return true;
	/* twice: a child that was forked after the first look is seen by the second */
	if (!scene.count || !is_everybody_blocked(&scene) || !is_everybody_blocked(&scene))
		return false;
	put_scene(&lines, &scene);
	return true;
}

void deadlock_tell(const struct stage *stage, char *text, size_t size)
{
	struct lines lines = {text, size, 0};
	struct scene scene;
	look(stage, &scene);
	text[0] = '\0';
	put_scene(&lines, &scene);
}
