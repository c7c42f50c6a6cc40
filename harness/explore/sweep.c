// SPDX-License-Identifier: MIT
// explore: the sweep: every point once, several at a time, what needs a second look twice.
#include "sweep.h"

#include "harness/explore/cause.h"
#include "harness/explore/keep_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 64, RULES_OF_A_POINT = TRIAL_RULES };

/* A worker and the point that it tries. */
struct job {
	struct runner runner;
	size_t place;
	bool is_busy;
	char rules[RULES_OF_A_POINT][POINT_RULE_MAX];
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int sweep_list(const struct sweep_settings *settings, struct sweep *sweep)
{
	int code = worklist_add(&sweep->points, &settings->worklist, &sweep->baseline, 0, SIZE_MAX);
	sweep->selected = worklist_selected(&sweep->points, settings->depth);
	return code;
}

static int start_job(const struct sweep_settings *settings, struct sweep *sweep, struct job *job,
		     size_t place)
{
	struct tried *tried = &sweep->points.list[place];
	struct trial_request request = settings->request;
	request.masks = sweep->masks;
	unsigned rules = 0;
	for (const struct tried *step = tried; rules < RULES_OF_A_POINT;
	     step = &sweep->points.list[step->point.after]) {
		point_rule(&step->point, job->rules[rules]);
		request.rules[rules] = job->rules[rules];
		rules++;
		if (step->point.depth == 1)
			break;
	}
	int code = runner_start(&request, &job->runner);
	if (code)
		return code;
	job->place = place;
	job->is_busy = true;
	tried->state = STATE_RUNNING;
	tried->runs++;
	sweep->runs++;
	return 0;
}

/* Who holds the log for CAUSE: whoever comes first in the list, so that the report does not depend on which run ended
 * first. NULL: no memory. */
static struct cause_holder *holder_of(struct sweep *sweep, uint64_t cause, size_t place)
{
	for (size_t i = 0; i < sweep->cause_count; i++)
		if (sweep->causes[i].cause == cause)
			return &sweep->causes[i];
	if (sweep->cause_count == sweep->cause_room) {
		size_t room = sweep->cause_room ? 2 * sweep->cause_room : 16;
		struct cause_holder *causes = realloc(sweep->causes, room * sizeof *causes);
		if (!causes)
			return NULL;
		sweep->causes = causes;
		sweep->cause_room = room;
	}
	sweep->causes[sweep->cause_count] = (struct cause_holder){cause, place};
	return &sweep->causes[sweep->cause_count++];
}

static void drop_log(struct tried *tried)
{
	if (tried->log >= 0)
		close(tried->log);
	tried->log = -1;
}

static void hold_log(struct sweep *sweep, struct tried *tried, const struct runner *runner)
{
	size_t place = (size_t)(tried - sweep->points.list);
	struct cause_holder *holder = holder_of(sweep, tried->cause, place);
	if (!holder || place > holder->place)
		return;
	drop_log(&sweep->points.list[holder->place]);
	holder->place = place;
	tried->log = dup(runner->log);
}

/* Makes TRIAL the one that TRIED has its verdict from. */
static int keep_trial(const struct sweep_settings *settings, struct sweep *sweep, struct tried *tried,
		      struct job *job, struct trial *trial, enum point_verdict verdict)
{
	const struct observation *fired = point_fired(&tried->point, trial);
	int code = 0;
	tried->verdict = verdict;
	tried->has_verdict = true;
	tried->is_doubtful = trial->lost || (!trial->entered && sweep->baseline.entered);
	if (fired)
		tried->fired = *fired;
	free(trial->calls);
	trial->calls = NULL;
	trial->call_count = 0;
	trial_free(&tried->trial);
	tried->trial = *trial;
	*trial = (struct trial){0};
	drop_log(tried);
	tried->cause = 0;
	if (!point_is_finding(verdict))
		return 0;
	tried->cause = cause_of(tried, &sweep->baseline);
	hold_log(sweep, tried, &job->runner);
	if (settings->output)
		code = keep_run(settings->output, tried, &job->runner);
	return code;
}

/* The world was to make the errno true. When it could be changed and the kernel answered something else, this failure
 * does not exist here; when it could not be changed, the errno is forged. Returns whether that settles this run. */
static bool settle_world(struct sweep *sweep, size_t place, const struct trial *trial)
{
	struct tried *tried = &sweep->points.list[place];
	const struct observation *reached = point_reached(&tried->point, trial);
	if (!tried->point.world || !reached)
		return false;
	if (reached->flags & RECORD_WORLD) {
		tried->state = STATE_IMPOSSIBLE;
	} else {
		tried->point.world = NULL;
		worklist_again(&sweep->points, place);
	}
	return true;
}

/* Whether a point needs another run after the one with VERDICT; updates what is known of it. A hang counts when it came
 * twice, a finding is tried once more, a fault that did not fire gets a second chance. */
static int weigh(const struct sweep_settings *settings, struct sweep *sweep, struct job *job,
		 struct trial *trial, bool *ret_again)
{
	struct tried *tried = &sweep->points.list[job->place];
	enum point_verdict verdict = point_judge(&tried->point, &sweep->baseline, trial, &settings->ok);
	*ret_again = false;
	if (verdict == POINT_DIVERGED) {
		*ret_again = ++tried->divergences < 2;
		if (*ret_again || tried->has_verdict) {
			tried->is_flaky = tried->has_verdict && !*ret_again;
			return 0;
		}
		return keep_trial(settings, sweep, tried, job, trial, verdict);
	}
	if (!tried->has_verdict || (tried->verdict == POINT_HANG && verdict != POINT_HANG)) {
		*ret_again = point_is_finding(verdict);
		return keep_trial(settings, sweep, tried, job, trial, verdict);
	}
	tried->is_confirmed = verdict == tried->verdict;
	tried->is_flaky = !tried->is_confirmed;
	if (point_is_finding(verdict) && verdict < tried->verdict && verdict != POINT_HANG)
		return keep_trial(settings, sweep, tried, job, trial, verdict); /* the worse of the two */
	return 0;
}

static int take_trial(const struct sweep_settings *settings, struct sweep *sweep, struct job *job,
		      struct trial *trial)
{
	struct tried *tried = &sweep->points.list[job->place];
	const struct observation *fired = point_fired(&tried->point, trial);
	bool again = false;
	if (!fired && settle_world(sweep, job->place, trial))
		return 0;
	int code =
	    fired ? worklist_add(&sweep->points, &settings->worklist, trial, fired->begin_ns, job->place) : 0;
	if (settings->depth > 1)
		sweep->selected = worklist_selected(&sweep->points, settings->depth);
	if (!code)
		code = weigh(settings, sweep, job, trial, &again);
	if (again && !*settings->stop)
		worklist_again(&sweep->points, job->place);
	else
		sweep->points.list[job->place].state = STATE_DONE;
	return code;
}

/* Takes in the end of a job. */
static int finish_job(const struct sweep_settings *settings, struct sweep *sweep, struct job *job, int status)
{
	struct trial trial = {0};
	int code = runner_collect(&job->runner, status, &trial);
	if (code || trial.tool_errno) {
		sweep->points.list[job->place].state = STATE_BROKEN;
		sweep->broken++;
		snprintf(sweep->trouble, sizeof sweep->trouble, "%s",
			 code           ? strerror(-code)
			 : trial.why[0] ? trial.why
					: strerror(trial.tool_errno));
		code = 0;
	} else {
		code = take_trial(settings, sweep, job, &trial);
	}
	trial_free(&trial);
	return code;
}

static bool is_spent(const struct sweep_settings *settings, const struct sweep *sweep)
{
	return *settings->stop || (settings->budget_runs && sweep->runs >= settings->budget_runs) ||
	       (settings->budget_ns && now_ns() - sweep->begin_ns >= settings->budget_ns);
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
	sweep->done += sweep->points.list[job->place].state >= STATE_DONE;
	runner_close(&job->runner);
	job->is_busy = false;
	if (settings->progress)
		settings->progress(settings->context, sweep);
	return code;
}

static int start_jobs(const struct sweep_settings *settings, struct sweep *sweep, struct job *jobs,
		      unsigned count)
{
	int code = 0;
	for (unsigned i = 0; !code && i < count; i++) {
		if (jobs[i].is_busy)
			continue;
		size_t next = worklist_next(&sweep->points, settings->depth);
		if (next == SIZE_MAX)
			break;
		if (is_spent(settings, sweep)) {
			sweep->is_cut = true;
			break;
		}
		code = start_job(settings, sweep, &jobs[i], next);
	}
	return code;
}

static bool is_any_busy(const struct job *jobs, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (jobs[i].is_busy)
			return true;
	return false;
}

int sweep_run(const struct sweep_settings *settings, struct sweep *sweep)
{
	struct job *jobs = calloc(JOBS_MAX, sizeof *jobs);
	unsigned count = settings->jobs < JOBS_MAX ? settings->jobs : JOBS_MAX;
	if (!jobs)
		return -ENOMEM;
	sweep->begin_ns = now_ns();
	int code = start_jobs(settings, sweep, jobs, count);
	while (is_any_busy(jobs, count)) {
		int waited = wait_one(settings, sweep, jobs, count);
		code = code ? code : waited;
		if (!code)
			code = start_jobs(settings, sweep, jobs, count);
	}
	sweep->end_ns = now_ns();
	free(jobs);
	return code;
}

void sweep_free(struct sweep *sweep)
{
	if (sweep->baseline_log >= 0)
		close(sweep->baseline_log);
	worklist_free(&sweep->points);
	free(sweep->causes);
	trial_free(&sweep->baseline);
	output_mask_free(&sweep->masks[0]);
	output_mask_free(&sweep->masks[1]);
	*sweep = (struct sweep){.baseline_log = -1};
}
