// SPDX-License-Identifier: MIT
// explore: the worklist: every point once, several at a time, what needs a second look twice.
#include "sweep.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 64, RUNS_MAX = 2 };

/* A worker and the point that it tries. */
struct job {
	struct runner runner;
	size_t index;
	bool is_busy;
	char rules[2][POINT_RULE_MAX];
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool is_selected(const struct sweep_settings *settings, const struct point *point)
{
	char id[POINT_ID_MAX];
	if (settings->shards && point_hash(point) % settings->shards != settings->shard - 1)
		return false;
	if (!settings->only)
		return true;
	point_id(point, id);
	return strcmp(id, settings->only) == 0;
}

/* Where the hash of a point's identity stands in the index, or would stand. */
static size_t *known_slot(const struct sweep *sweep, const struct point *point)
{
	char wanted[POINT_ID_MAX], id[POINT_ID_MAX];
	point_id(point, wanted);
	for (size_t i = point_hash(point);; i++) {
		size_t *slot = &sweep->known[i & (sweep->known_size - 1)];
		if (*slot == 0)
			return slot;
		point_id(&sweep->tried[*slot - 1].point, id);
		if (strcmp(id, wanted) == 0)
			return slot;
	}
}

static int grow(struct sweep *sweep)
{
	size_t room = sweep->room ? 2 * sweep->room : 64;
	struct tried *tried = realloc(sweep->tried, room * sizeof *tried);
	if (tried)
		sweep->tried = tried;
	size_t *known = tried ? calloc(4 * room, sizeof *known) : NULL;
	if (!known)
		return -ENOMEM;
	free(sweep->known);
	sweep->known = known;
	sweep->known_size = 4 * room;
	sweep->room = room;
	for (size_t i = 0; i < sweep->count; i++)
		*known_slot(sweep, &tried[i].point) = i + 1;
	return 0;
}

/* Adds POINT unless it is known already: a point first seen in the baseline is not one of the recovery's. */
static int add_point(const struct sweep_settings *settings, struct sweep *sweep, const struct point *point)
{
	int code = sweep->count == sweep->room ? grow(sweep) : 0;
	size_t *slot = code ? NULL : known_slot(sweep, point);
	if (code || *slot)
		return code;
	sweep->tried[sweep->count++] =
	    (struct tried){.point = *point, .log = -1, .is_selected = is_selected(settings, point)};
	*slot = sweep->count;
	return 0;
}

/* Of calls with one stack the first and the last stand for all. */
static bool stands_for_others(const struct trial *trial, size_t index, bool all)
{
	const struct observation *call = &trial->calls[index];
	if (all || call->occurrence == 1)
		return true;
	for (size_t i = index + 1; i < trial->call_count; i++) {
		const struct observation *later = &trial->calls[i];
		if (later->stack == call->stack && later->call == call->call &&
		    later->command == call->command && strcmp(later->role, call->role) == 0)
			return false;
	}
	return true;
}

/* Adds the points of TRIAL's calls behind AFTER_NS that are not known yet. */
static int add_points(const struct sweep_settings *settings, struct sweep *sweep, const struct trial *trial,
		      uint64_t after_ns, uint32_t depth, uint32_t after)
{
	struct point points[EXPAND_POINTS_MAX];
	for (size_t i = 0; i < trial->call_count; i++) {
		const struct observation *call = &trial->calls[i];
		if (call->begin_ns <= after_ns || call->flags & (RECORD_INJECTED | RECORD_WORLD) ||
		    !stands_for_others(trial, i, settings->all_points))
			continue;
		unsigned count = expand(&settings->expand, call, points);
		for (unsigned k = 0; k < count; k++) {
			points[k].depth = depth;
			points[k].after = after;
			int code = add_point(settings, sweep, &points[k]);
			if (code)
				return code;
		}
	}
	return 0;
}

int sweep_list(const struct sweep_settings *settings, struct sweep *sweep)
{
	return add_points(settings, sweep, &sweep->baseline, 0, 1, 0);
}

static int start_job(const struct sweep_settings *settings, struct sweep *sweep, struct job *job,
		     size_t index)
{
	struct tried *tried = &sweep->tried[index];
	struct trial_request request = *settings->request;
	request.masks = sweep->masks;
	unsigned rules = 0;
	if (tried->point.depth > 1) {
		point_rule(&sweep->tried[tried->point.after].point, job->rules[rules]);
		request.rules[rules] = job->rules[rules];
		rules++;
	}
	point_rule(&tried->point, job->rules[rules]);
	request.rules[rules] = job->rules[rules];
	int code = runner_start(&request, &job->runner);
	if (code)
		return code;
	job->index = index;
	job->is_busy = true;
	tried->state = STATE_RUNNING;
	tried->runs++;
	sweep->runs++;
	return 0;
}

static void keep_trial(struct tried *tried, struct job *job, struct trial *trial)
{
	const struct observation *fired = point_fired(&tried->point, trial);
	if (fired)
		tried->fired = *fired;
	free(trial->calls);
	trial->calls = NULL;
	trial->call_count = 0;
	trial_free(&tried->trial);
	tried->trial = *trial;
	if (tried->log >= 0)
		close(tried->log);
	tried->log = point_verdict_row(tried->verdict)->is_finding ? dup(job->runner.log) : -1;
}

/* Takes in the end of a job; a finding and a divergence get a second run. */
static int finish_job(const struct sweep_settings *settings, struct sweep *sweep, struct job *job, int status)
{
	struct tried *tried = &sweep->tried[job->index];
	struct trial trial = {0};
	int code = runner_collect(&job->runner, status, &trial);
	if (code || trial.tool_errno) {
		tried->state = STATE_BROKEN;
		snprintf(sweep->why, sizeof sweep->why, "a run failed: %s",
			 code ? strerror(-code) : (trial.why[0] ? trial.why : strerror(trial.tool_errno)));
		trial_free(&trial);
		return 0;
	}
	enum point_verdict verdict = point_judge(&tried->point, &sweep->baseline, &trial, &settings->ok);
	bool wants_more = point_verdict_row(verdict)->is_finding || verdict == POINT_DIVERGED;
	const struct observation *fired = point_fired(&tried->point, &trial);
	code = fired ? add_points(settings, sweep, &trial, fired->begin_ns, tried->point.depth + 1,
				  (uint32_t)job->index)
		     : 0;
	tried = &sweep->tried[job->index]; /* the list may have moved */
	if (tried->runs == 1) {
		tried->verdict = verdict;
		keep_trial(tried, job, &trial);
		tried->state = wants_more && !*settings->stop ? STATE_KNOWN : STATE_DONE;
		if (tried->state == STATE_KNOWN && job->index < sweep->cursor)
			sweep->cursor = job->index;
		return code;
	}
	tried->state = STATE_DONE;
	tried->is_flaky = verdict != tried->verdict;
	if (tried->is_flaky && verdict < tried->verdict && verdict != POINT_DIVERGED) {
		tried->verdict = verdict; /* the worse of the two */
		keep_trial(tried, job, &trial);
	} else if (tried->is_flaky && tried->verdict == POINT_DIVERGED) {
		tried->verdict = verdict;
		tried->is_flaky = false; /* one divergence is forgiven */
		keep_trial(tried, job, &trial);
	} else {
		trial_free(&trial);
	}
	return code;
}

static bool is_spent(const struct sweep_settings *settings, const struct sweep *sweep)
{
	return (settings->budget_runs && sweep->runs >= settings->budget_runs) ||
	       (settings->budget_ns && now_ns() - sweep->begin_ns >= settings->budget_ns);
}

/* The next point to try; -1 when none is left. What lies before the cursor is running or done, but for those that
 * finish_job set back together with the cursor. */
static ssize_t next_point(const struct sweep_settings *settings, struct sweep *sweep)
{
	for (; sweep->cursor < sweep->count; sweep->cursor++) {
		const struct tried *tried = &sweep->tried[sweep->cursor];
		if (tried->state == STATE_KNOWN && tried->is_selected &&
		    tried->point.depth <= settings->depth)
			return (ssize_t)sweep->cursor;
	}
	return -1;
}

static struct job *job_of(struct job *jobs, unsigned count, pid_t pid)
{
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].is_busy && jobs[i].runner.pid == pid)
			return &jobs[i];
	return NULL;
}

static int wait_one(const struct sweep_settings *settings, struct sweep *sweep, struct job *jobs,
		    unsigned count)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	if (pid < 0)
		return errno == EINTR ? 0 : -errno;
	struct job *job = job_of(jobs, count, pid);
	if (!job)
		return 0;
	int code = finish_job(settings, sweep, job, status);
	sweep->done += sweep->tried[job->index].state >= STATE_DONE;
	runner_close(&job->runner);
	job->is_busy = false;
	if (settings->progress)
		settings->progress(settings->context, sweep->done, sweep->count);
	return code;
}

int sweep_run(const struct sweep_settings *settings, struct sweep *sweep)
{
	struct job *jobs = calloc(JOBS_MAX, sizeof *jobs);
	unsigned most = settings->jobs < JOBS_MAX ? settings->jobs : JOBS_MAX, busy = 0;
	int code = jobs ? 0 : -ENOMEM;
	for (;;) {
		for (unsigned i = 0; !code && i < most; i++) {
			ssize_t next = jobs[i].is_busy ? -1 : next_point(settings, sweep);
			if (next >= 0 && (is_spent(settings, sweep) || *settings->stop))
				sweep->is_cut = true;
			else if (next >= 0)
				code = start_job(settings, sweep, &jobs[i], (size_t)next);
		}
		busy = 0;
		for (unsigned i = 0; jobs && i < most; i++)
			busy += jobs[i].is_busy;
		if (!busy)
			break;
		int waited = wait_one(settings, sweep, jobs, most);
		code = code ? code : waited;
	}
	free(jobs);
	return code;
}

void sweep_free(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->count; i++) {
		trial_free(&sweep->tried[i].trial);
		if (sweep->tried[i].log >= 0)
			close(sweep->tried[i].log);
	}
	if (sweep->baseline_log >= 0)
		close(sweep->baseline_log);
	free(sweep->tried);
	free(sweep->known);
	trial_free(&sweep->baseline);
	output_mask_free(&sweep->masks[0]);
	output_mask_free(&sweep->masks[1]);
	*sweep = (struct sweep){0};
}
