// SPDX-License-Identifier: MIT
// explore: the sweep: every point once, several at a time, what needs a second look twice.
#include "sweep.h"

#include "harness/clock.h"
#include "harness/explore/clean.h"
#include "harness/explore/suspect.h"
#include "harness/explore/weigh.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int sweep_list(const struct sweep_settings *settings, struct sweep *sweep)
{
	int code = worklist_add(&sweep->points, &settings->worklist, &sweep->baseline, 0, SIZE_MAX);
	sweep->selected = worklist_selected(&sweep->points, settings->depth);
	if (!code && settings->is_shuffled)
		worklist_shuffle(&sweep->points, settings->seed);
	return code;
}

enum { NO_PLACE = SIZE_MAX }; /* a run without a fault */

/* The workers, and the points that each of them tries. */
struct jobs {
	struct crew *crew;
	unsigned count;
	size_t places[CREW_MAX][SLOTS]; /* the oldest first */
};

static int start(struct sweep *sweep, struct jobs *jobs, unsigned index, size_t place,
		 const struct assignment *assignment)
{
	unsigned pending = crew_pending(jobs->crew, index);
	int code = crew_start(jobs->crew, index, assignment);
	if (code)
		return code;
	jobs->places[index][pending] = place;
	sweep->runs++;
	return 0;
}

static int start_point(struct sweep *sweep, struct jobs *jobs, unsigned index, size_t place)
{
	struct tried *tried = &sweep->points.list[place];
	/* a new process has the last word on what a fork showed */
	struct assignment assignment = {.by_exec = tried->runs > 0, .watches_crashes = tried->is_traced};
	assignment.timeout_ms = weigh_deadline(sweep, tried);
	for (const struct tried *step = tried; assignment.count < DEPTH_MAX;
	     step = &sweep->points.list[step->point.after]) {
		assignment.chain[assignment.count++] = step->point;
		if (step->point.depth == 1)
			break;
	}
	tried->state = STATE_RUNNING;
	tried->runs++;
	return start(sweep, jobs, index, place, &assignment);
}

static int start_clean(const struct sweep_settings *settings, struct sweep *sweep, struct jobs *jobs,
		       unsigned index)
{
	const struct assignment assignment = clean_next(settings, sweep);
	return start(sweep, jobs, index, NO_PLACE, &assignment);
}

static void tell_trouble(struct sweep *sweep, int code, const struct trial *trial)
{
	sweep->broken++;
	snprintf(sweep->trouble, sizeof sweep->trouble, "%s",
		 code == -ECHILD ? "the process that made the run died"
		 : code          ? strerror(-code)
		 : trial->why[0] ? trial->why
				 : strerror(trial->tool_errno));
}

static int take_point(const struct sweep_settings *settings, struct sweep *sweep, size_t place,
		      struct trial *trial, struct run_files *files)
{
	int code = suspect_compare(sweep, files, trial);
	sweep->served += trial->is_served;
	code = code ? code : weigh(settings, sweep, place, trial, files);
	sweep->done += sweep->points.list[place].state >= STATE_DONE;
	return code;
}

/* Takes in the run that worker INDEX has done. */
static int finish_job(const struct sweep_settings *settings, struct sweep *sweep, struct jobs *jobs,
		      unsigned index)
{
	size_t place = jobs->places[index][0];
	struct trial trial = {0};
	struct run_files files;
	int code = crew_collect(jobs->crew, index, &trial, &files);
	memmove(&jobs->places[index][0], &jobs->places[index][1],
		(SLOTS - 1) * sizeof jobs->places[index][0]);
	bool is_broken = code || trial.tool_errno;
	if (is_broken)
		tell_trouble(sweep, code, &trial);
	code = is_broken ? 0 : places_learn(sweep->places, &trial);
	if (!code && place == NO_PLACE) {
		code = clean_take(settings, sweep, is_broken ? NULL : &trial, &files);
	} else if (is_broken) {
		sweep->points.list[place].state = STATE_BROKEN;
		sweep->done++;
	} else if (!code) {
		code = take_point(settings, sweep, place, &trial, &files);
	}
	trial_free(&trial);
	run_files_close(&files);
	if (settings->progress)
		settings->progress(settings->context, sweep);
	return code;
}

bool sweep_has_budget(const struct sweep_settings *settings)
{
	return settings->budget_runs || settings->budget_ns;
}

static bool is_spent(const struct sweep_settings *settings, const struct sweep *sweep)
{
	return *settings->stop || (settings->budget_runs && sweep->runs >= settings->budget_runs) ||
	       (settings->budget_ns && clock_now_ns() - sweep->begin_ns >= settings->budget_ns);
}

static bool has_room(const struct jobs *jobs, unsigned index, unsigned ahead, bool is_traced)
{
	return crew_pending(jobs->crew, index) <= ahead && crew_has_room(jobs->crew, index, is_traced);
}

/* Whether a run is under way that may yet say what comes before the point at PLACE: a less deep one. */
static bool is_early(const struct sweep *sweep, const struct jobs *jobs, size_t place)
{
	unsigned depth = sweep->points.list[place].point.depth;
	for (unsigned i = 0; depth > 1 && i < jobs->count; i++)
		for (unsigned k = 0; k < crew_pending(jobs->crew, i); k++) {
			size_t other = jobs->places[i][k];
			if (other != NO_PLACE && sweep->points.list[other].point.depth < depth)
				return true;
		}
	return false;
}

/* Gives each worker that has AHEAD runs or less another one. */
static int start_round(const struct sweep_settings *settings, struct sweep *sweep, struct jobs *jobs,
		       unsigned ahead)
{
	int code = 0;
	for (unsigned i = 0; !code && i < jobs->count && !sweep->is_cut; i++) {
		size_t next = worklist_next(&sweep->points, settings->depth);
		bool has_point = next != SIZE_MAX && !is_early(sweep, jobs, next);
		bool is_clean = clean_has_turn(settings, sweep, has_point);
		if (!is_clean && !has_point)
			break;
		if (!has_room(jobs, i, ahead, !is_clean && sweep->points.list[next].is_traced))
			continue;
		if (is_spent(settings, sweep))
			sweep->is_cut = true;
		else
			code = is_clean ? start_clean(settings, sweep, jobs, i)
					: start_point(sweep, jobs, i, next);
	}
	return code;
}

/* Those that have nothing to do come first. */
static int start_jobs(const struct sweep_settings *settings, struct sweep *sweep, struct jobs *jobs)
{
	int code = 0;
	for (unsigned ahead = 0; !code && ahead < SLOTS; ahead++)
		code = start_round(settings, sweep, jobs, ahead);
	return code;
}

static int run_all(const struct sweep_settings *settings, struct sweep *sweep, struct jobs *jobs)
{
	int code = start_jobs(settings, sweep, jobs);
	while (!code && !*settings->stop && !sweep->is_contradicted) {
		unsigned index;
		int waited = crew_wait(jobs->crew, &index);
		if (waited == -ECHILD)
			break;
		if (waited == -EINTR)
			continue;
		code = waited ? waited : finish_job(settings, sweep, jobs, index);
		code = code ? code : start_jobs(settings, sweep, jobs);
	}
	return code;
}

static int run_with_crew(const struct sweep_settings *settings, struct sweep *sweep)
{
	struct trial_request request = settings->request;
	struct jobs jobs = {0};
	struct launch_options launch = *settings->request.launch;
	launch.fork_server = sweep->has_server;
	request.launch = &launch;
	request.expected = sweep->expected;
	request.baseline = &sweep->baseline;
	request.ok = &settings->ok;
	request.places = sweep->places;
	int code = crew_open(&request, sweep->jobs, !sweep->baseline.shares_namespace, &jobs.crew);
	if (code)
		return code;
	jobs.count = crew_count(jobs.crew);
	code = run_all(settings, sweep, &jobs);
	crew_close(jobs.crew);
	return code;
}

/* A new process did not do what a fork did: the fork server is not to be trusted, nor is anything that it showed. */
static int start_over(const struct sweep_settings *settings, struct sweep *sweep)
{
	worklist_free(&sweep->points);
	causes_free(&sweep->causes);
	ledger_map_free(&sweep->checked);
	ledger_map_free(&sweep->hung);
	sweep->done = sweep->broken = 0;
	sweep->clean.started = sweep->clean.done;
	sweep->served = 0;
	sweep->has_server = sweep->is_contradicted = false;
	snprintf(sweep->server_why, sizeof sweep->server_why,
		 "a new process did something else than a fork, so that all was tried again");
	return sweep_list(settings, sweep);
}

/* What may have been a crash is nothing else until a traced run has shown that. */
static void retract_open(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->points.count; i++) {
		struct tried *tried = &sweep->points.list[i];
		if (tried->has_verdict && tried->is_traced && tried->state < STATE_DONE &&
		    !point_is_finding(tried->verdict))
			weigh_retract(sweep, tried);
	}
}

int sweep_run(const struct sweep_settings *settings, struct sweep *sweep)
{
	sweep->begin_ns = clock_now_ns();
	int code = run_with_crew(settings, sweep);
	if (!code && sweep->is_contradicted) {
		code = start_over(settings, sweep);
		code = code ? code : run_with_crew(settings, sweep);
	}
	sweep->is_cut |= *settings->stop != 0;
	retract_open(sweep);
	sweep->end_ns = clock_now_ns();
	return code;
}

void sweep_free(struct sweep *sweep)
{
	if (sweep->baseline_log >= 0)
		close(sweep->baseline_log);
	worklist_free(&sweep->points);
	causes_free(&sweep->causes);
	ledger_map_free(&sweep->checked);
	ledger_map_free(&sweep->hung);
	trial_free(&sweep->baseline);
	expected_free(&sweep->expected[0]);
	expected_free(&sweep->expected[1]);
	*sweep = (struct sweep){.baseline_log = -1};
}
