// SPDX-License-Identifier: MIT
// scenario: explore's sweep over some processes of a scenario while the others run.
#include "explore.h"

#include "harness/explore/places.h"
#include "harness/explore/sweep.h"
#include "lines.h"
#include "locate.h"
#include "stage.h"
#include "value.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_LEAST_MS = 1000, TIMEOUT_TIMES = 10, TOLD_MOST = 20 };

struct exploration {
	const struct ready *ready;
	struct stage stage;
	struct launch_program *programs;
	struct launch_options launch;
	const char **roles; /* globs, ending with NULL; owned, as are they */
	char input[PATH_MAX]; /* what the first explored process reads; "": nothing */
	int nowhere[3]; /* what the others read and write */
	struct sweep_settings settings;
	struct sweep sweep;
	size_t verdicts[POINT_VERDICTS];
};

static void show_nothing(void *context, const struct sweep *sweep)
{
	(void)context;
	(void)sweep;
}

/* "writer" and its children; "reader-*" for all of several. */
static int make_roles(struct exploration *exploration)
{
	const struct scenario_explore *explore = exploration->ready->play.scenario->explore;
	const struct parts *parts = exploration->ready->parts;
	size_t count = 0;
	exploration->roles = calloc(2 * parts->count * explore->processes_count + 1, sizeof(char *));
	if (!exploration->roles)
		return -ENOMEM;
	for (unsigned i = 0; i < explore->processes_count; i++) {
		struct part_range range = parts_find(parts, explore->processes[i]);
		for (size_t k = range.first; k < range.first + range.count; k++) {
			char *children;
			if (asprintf(&children, "%s@*", parts->list[k].role) < 0)
				return -ENOMEM;
			exploration->roles[count++] = strdup(parts->list[k].role);
			exploration->roles[count++] = children;
		}
	}
	return 0;
}

/* Where the explored process's standard input can be opened again for every run. */
static int find_input(struct exploration *exploration, const struct scenario_process *process)
{
	if (process->input_file)
		return locate_file(process->input_file, exploration->ready->play.script->folder,
				   exploration->input);
	if (!process->input)
		return 0;
	int fd = memfd_create("stdin", MFD_CLOEXEC);
	size_t length = strlen(process->input);
	if (fd < 0 || write(fd, process->input, length) != (ssize_t)length)
		return -EIO;
	snprintf(exploration->input, sizeof exploration->input, "/proc/%d/fd/%d", getpid(), fd);
	return 0;
}

/* All but the first explored process talk to nobody: their outputs would mix with what is compared. */
static int make_programs(struct exploration *exploration)
{
	const struct ready *ready = exploration->ready;
	const char *first = ready->play.scenario->explore->processes[0];
	size_t main_program = parts_find(ready->parts, first).first;
	exploration->programs = calloc(ready->parts->count, sizeof *exploration->programs);
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (!exploration->programs || nowhere < 0)
		return -ENOMEM;
	for (unsigned i = 0; i < 3; i++)
		exploration->nowhere[i] = nowhere;
	for (size_t i = 0; i < ready->parts->count; i++) {
		exploration->programs[i] = ready->programs[i];
		exploration->programs[i].stdio = i == main_program ? NULL : exploration->nowhere;
	}
	exploration->launch.program_main = main_program;
	return find_input(exploration, ready->parts->list[main_program].process);
}

static volatile int is_stopped; /* the signal handler's only word */

static void stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

static void make_settings(struct exploration *exploration)
{
	const struct explore_options *explore = &exploration->ready->explore;
	exploration->settings = (struct sweep_settings){
	    .request = {.launch = &exploration->launch,
			.roles = exploration->roles,
			.stdin_file = exploration->input[0] ? exploration->input : NULL},
	    .worklist = {.expand = explore->expand, .all_points = explore->all_points},
	    .jobs = 1, /* all runs work in the same folder */
	    .depth = explore->depth,
	    .budget_runs = explore->budget_runs,
	    .budget_ns = (uint64_t)explore->budget_ms * 1000000,
	    .stop = &is_stopped,
	    .progress = show_nothing};
	if (explore->point)
		worklist_for_point(explore->point, &exploration->settings.worklist,
				   &exploration->settings.depth);
	exploration->settings.worklist.only = explore->point;
}

static int set_up(struct exploration *exploration)
{
	const struct ready *ready = exploration->ready;
	int code = stage_new(&ready->play, ready->parts, ready->order, &exploration->stage);
	exploration->stage.goes_on = true;
	exploration->stage.has_users = ready->has_users;
	code = code ? code : make_roles(exploration);
	code = code ? code : make_programs(exploration);
	size_t main_program = exploration->launch.program_main;
	ready_launch(ready, exploration->programs, &exploration->stage.director, &exploration->launch);
	exploration->launch.program_main = main_program;
	make_settings(exploration);
	exploration->sweep.baseline_log = -1;
	exploration->sweep.places = places_new();
	return code || exploration->sweep.places ? code : -ENOMEM;
}

/* By the baseline: what counts as success, and how long a run may take. */
static void learn(struct exploration *exploration)
{
	const struct trial *baseline = &exploration->sweep.baseline;
	struct sweep_settings *settings = &exploration->settings;
	int64_t ms = (int64_t)(baseline->duration_ns / 1000000) * TIMEOUT_TIMES;
	if (WIFEXITED(baseline->status))
		settings->ok.codes[settings->ok.count++] = WEXITSTATUS(baseline->status);
	ms = ms > TIMEOUT_LEAST_MS ? ms : TIMEOUT_LEAST_MS;
	if (ms >= exploration->launch.timeout_ms)
		return;
	exploration->sweep.hang_ms = exploration->launch.timeout_ms;
	if (HANG_TIMES * ms < exploration->sweep.hang_ms)
		exploration->sweep.hang_ms = HANG_TIMES * ms;
	exploration->launch.timeout_ms = ms;
}

static bool find_expected(const struct scenario_explore *explore, const char *name,
			  struct count_range *ret_range)
{
	for (unsigned i = 0; i < explore->expect_count; i++) {
		size_t length;
		if (counted_parse(explore->expect[i], &length, ret_range) == 0 && strlen(name) == length &&
		    memcmp(explore->expect[i], name, length) == 0)
			return true;
	}
	*ret_range = (struct count_range){0, 0};
	return false;
}

static void put_points(const struct exploration *exploration, enum point_verdict verdict, struct lines *lines)
{
	size_t told = 0;
	for (size_t i = 0; i < exploration->sweep.points.count; i++) {
		const struct tried *tried = &exploration->sweep.points.list[i];
		if (!tried->has_verdict || tried->verdict != verdict || !tried->is_selected)
			continue;
		if (told++ == TOLD_MOST)
			lines_put(lines, "    and more\n");
		if (told <= TOLD_MOST)
			lines_put(lines, "    %s in %s%s\n", tried->id,
				  places_name(exploration->sweep.places, tried->point.at.stack),
				  tried->is_flaky ? " (not every time)" : "");
	}
}

static void check_verdicts(const struct exploration *exploration, struct lines *lines)
{
	const struct scenario_explore *explore = exploration->ready->play.scenario->explore;
	if (exploration->ready->explore.point) { /* one finding, again: said whatever is expected */
		for (int verdict = 0; verdict < POINT_VERDICTS; verdict++)
			if (exploration->verdicts[verdict])
				lines_put(lines, "explore: %s: %s\n", exploration->ready->explore.point,
					  point_verdict_row((enum point_verdict)verdict)->name);
		return;
	}
	for (int verdict = 0; verdict < POINT_VERDICTS; verdict++) {
		const char *name = point_verdict_row((enum point_verdict)verdict)->name;
		size_t count = exploration->verdicts[verdict];
		struct count_range range;
		char wanted[64];
		bool is_named = find_expected(explore, name, &range);
		if (!is_named && !point_is_finding((enum point_verdict)verdict))
			continue;
		if (count >= range.least && count <= range.most)
			continue;
		lines_put(lines, "explore: %s: %zu, expected %s (one point again: --point=ID)\n", name, count,
			  count_say(&range, wanted));
		put_points(exploration, (enum point_verdict)verdict, lines);
	}
}

/* Points that say nothing are no pass. */
static size_t count_untold(struct exploration *exploration, struct run_result *result, struct lines *lines)
{
	const struct sweep *sweep = &exploration->sweep;
	size_t untold = sweep->broken;
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		bool is_told = tried->has_verdict || tried->state == STATE_IMPOSSIBLE;
		if (!tried->is_selected || tried->point.depth > exploration->settings.depth)
			continue;
		*(is_told ? &result->explored : &result->not_explored) += 1;
		if (!tried->has_verdict)
			continue;
		exploration->verdicts[tried->verdict]++;
		untold += tried->is_doubtful;
	}
	const char *only = exploration->ready->explore.point;
	if (sweep->selected == 0)
		lines_put(lines, "inconclusive: explore: the processes have no fault point%s%s\n",
			  only ? " " : "", only ? only : "");
	if (sweep->broken)
		lines_put(lines, "inconclusive: explore: %zu runs broke: %s\n", sweep->broken,
			  sweep->trouble);
	else if (!result->explored && result->not_explored)
		lines_put(lines, "inconclusive: explore: it ended before a point was decided\n");
	return untold + !result->explored + exploration->verdicts[POINT_DIVERGED];
}

static void conclude(struct exploration *exploration, struct run_result *result)
{
	char doubts[1024] = "";
	struct lines lines = {result->details, sizeof result->details, 0};
	struct lines doubt_lines = {doubts, sizeof doubts, 0};
	size_t untold = count_untold(exploration, result, &doubt_lines);
	check_verdicts(exploration, &lines);
	result->is_beyond = true;
	result->outcome = lines.length ? OUTCOME_FAIL : untold ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS;
	if (exploration->verdicts[POINT_DIVERGED])
		lines_put(&doubt_lines,
			  "inconclusive: explore: %zu points diverged: their fault did not happen\n",
			  exploration->verdicts[POINT_DIVERGED]);
	lines_put(&lines, "%s", doubts);
}

/* The sweep itself. */
static int sweep_all(struct exploration *exploration, struct run_result *result, char why[512])
{
	struct sweep *sweep = &exploration->sweep;
	int code = sweep_baseline(&exploration->settings, sweep);
	if (code || sweep->is_inconclusive) {
		snprintf(why, 512, "explore: %.480s", sweep->why);
		return code ? code : -EAGAIN;
	}
	learn(exploration);
	code = sweep_list(&exploration->settings, sweep);
	code = code ? code : sweep_run(&exploration->settings, sweep);
	if (!code && is_stopped) /* what was not tried is no pass */
		code = -EINTR;
	if (!code)
		conclude(exploration, result);
	return code;
}

int explore_scenario(const struct ready *ready, struct run_result *result, char why[512])
{
	struct exploration *exploration = calloc(1, sizeof *exploration);
	if (!exploration)
		return -ENOMEM;
	exploration->ready = ready;
	const struct sigaction action = {.sa_handler = stop};
	sigaction(SIGTERM, &action, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	int code = set_up(exploration);
	code = code ? code : sweep_all(exploration, result, why);
	places_free(exploration->sweep.places);
	sweep_free(&exploration->sweep);
	for (const char **role = exploration->roles; role && *role; role++)
		free((char *)*role);
	free(exploration->roles);
	free(exploration->programs);
	stage_free(&exploration->stage);
	free(exploration);
	return code;
}
