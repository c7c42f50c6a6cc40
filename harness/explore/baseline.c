// SPDX-License-Identifier: MIT
// explore: the program without a fault, twice: what it does by itself.
#include "sweep.h"

#include "harness/explore/clean.h"
#include "harness/explore/watch.h"
#include "harness/launch/server.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SERVER_TRIES = 3 };

static void say(struct sweep *sweep, const char *what, const char *why)
{
	snprintf(sweep->why, sizeof sweep->why, "%s%s%s", what, why[0] ? ": " : "", why);
}

/* COUNT runs at once; the first one's trial and log are brought back, and all their outputs are expected. */
static int run_crowd(const struct sweep_settings *settings, struct crew *crew, struct sweep *sweep,
		     unsigned count, struct trial *ret_trial)
{
	const struct assignment nothing = {0};
	int code = 0;
	unsigned index;
	for (unsigned i = 0; !code && i < count; i++)
		code = crew_start(crew, i, &nothing);
	for (int waited; (waited = crew_wait(crew, &index)) != -ECHILD;) {
		struct trial trial = {0};
		struct run_files files;
		if (*settings->stop) {
			say(sweep, "interrupted in a run without a fault, so that nothing is known", "");
			return -EINTR;
		}
		if (waited == -EINTR)
			continue;
		if (waited)
			return waited;
		int failed = crew_collect(crew, index, &trial, &files);
		if (!failed && !trial.exec_errno && !trial.tool_errno) {
			int learnt = clean_learn(sweep, &files);
			failed = learnt < 0 ? learnt : 0;
			if (index == 0 && sweep->baseline_log < 0)
				sweep->baseline_log = dup(files.log);
		}
		if (index == 0)
			*ret_trial = trial;
		else
			trial_free(&trial);
		run_files_close(&files);
		code = code ? code : failed;
	}
	if (!code && ret_trial->tool_errno)
		code = -ret_trial->tool_errno;
	if (code)
		say(sweep, "the program could not be run",
		    ret_trial->why[0] ? ret_trial->why : strerror(-code));
	return code;
}

/* By what makes a call the same in two runs. */
static int by_identity(const void *a, const void *b)
{
	const struct observation *x = a, *y = b;
	int order = strcmp(x->role, y->role);
	if (order)
		return order;
	const uint64_t keys[][2] = {{x->call, y->call},
				    {(uint32_t)x->command, (uint32_t)y->command},
				    {x->stack, y->stack},
				    {x->occurrence, y->occurrence},
				    {(uint32_t)x->error, (uint32_t)y->error}};
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1] ? -1 : 1;
	return 0;
}

static struct observation *sorted_calls(const struct trial *trial)
{
	struct observation *calls = malloc((trial->call_count + 1) * sizeof *calls);
	if (!calls)
		return NULL;
	if (trial->call_count)
		memcpy(calls, trial->calls, trial->call_count * sizeof *calls);
	qsort(calls, trial->call_count, sizeof *calls, by_identity);
	return calls;
}

/* Finds a call that only one of them has (WHAT says which) or returns false. */
static bool find_difference(const struct trial *a, const struct trial *b, char *what, size_t size)
{
	struct observation *of_a = sorted_calls(a), *of_b = sorted_calls(b);
	const struct observation *only = NULL;
	for (size_t i = 0; of_a && of_b && !only && i < a->call_count && i < b->call_count; i++) {
		int order = by_identity(&of_a[i], &of_b[i]);
		if (order)
			only = order < 0 ? &of_a[i] : &of_b[i];
	}
	if (only) {
		char call[32];
		point_call(only, call, sizeof call);
		snprintf(what, size, "%s/%s, call %u of that process, is in one of them only", only->role,
			 call, only->ordinal);
	}
	free(of_a);
	free(of_b);
	return only;
}

/* Says how the second baseline differs from the first: that alone makes the sweep inconclusive. */
static void compare(struct sweep *sweep, const struct trial *a, const struct trial *b)
{
	char what[160];
	sweep->is_inconclusive = true;
	if (a->status != b->status) {
		snprintf(what, sizeof what, "wait status %#x, then %#x", a->status, b->status);
		say(sweep, "two runs without a fault ended differently", what);
		return;
	}
	if (a->call_count != b->call_count) {
		snprintf(what, sizeof what, "%zu, then %zu", a->call_count, b->call_count);
		say(sweep, "two runs without a fault made different numbers of calls", what);
		return;
	}
	if (a->misuse_count != b->misuse_count || a->left_count != b->left_count) {
		say(sweep, "two runs without a fault had different findings", "");
		return;
	}
	if (find_difference(a, b, what, sizeof what)) {
		say(sweep, "two runs without a fault made different calls", what);
		return;
	}
	sweep->is_inconclusive = false;
}

/* A run that sleeps needs no processor. Short runs are not judged by that: with them waiting is mostly for others. */
static unsigned jobs_for(const struct sweep_settings *settings, const struct trial *baseline)
{
	enum { LONG_NS = 100000000, MOSTLY = 4 };
	uint64_t jobs = settings->jobs, wall = baseline->duration_ns, cpu = baseline->cpu_ns;
	if (baseline->shares_namespace)
		return 1;
	if (settings->may_have_more_jobs && wall >= LONG_NS && wall / MOSTLY >= cpu)
		jobs = cpu ? jobs * wall / cpu : CREW_MAX;
	return jobs < CREW_MAX ? (unsigned)jobs : CREW_MAX;
}

/* Some of its processes are killed, or crash, by themselves: how many crash only a traced run tells. */
static int count_crashes(const struct sweep_settings *settings, struct sweep *sweep)
{
	const struct assignment traced = {.watches_crashes = true};
	struct trial trial = {0};
	struct run_files files = {{-1, -1}, -1};
	struct crew *crew = NULL;
	unsigned index;
	int waited = -EINTR, code = crew_open(&settings->request, 1, false, &crew);
	code = code ? code : crew_start(crew, 0, &traced);
	while (!code && waited == -EINTR && !*settings->stop)
		waited = crew_wait(crew, &index);
	if (!code && !waited)
		code = crew_collect(crew, 0, &trial, &files);
	sweep->baseline.crashes = trial.crashes;
	sweep->baseline.is_blind = code || waited || trial.tool_errno || trial.is_blind;
	if (sweep->baseline.is_blind && !trial.is_blind && !*settings->stop && !sweep->is_inconclusive) {
		sweep->is_inconclusive = true;
		say(sweep, "the run that was to show which processes crash without a fault broke", trial.why);
	}
	trial_free(&trial);
	run_files_close(&files);
	crew_close(crew);
	return code == -ECHILD ? 0 : code;
}

/* Says why a sweep that the baselines allow would not show all. */
static void doubt(struct sweep *sweep)
{
	const struct trial *baseline = &sweep->baseline;
	char beyond[96];
	snprintf(beyond, sizeof beyond, "%" PRIu64 " behind the first %d", baseline->left_out, WATCH_MOST);
	sweep->is_inconclusive = !baseline->entered || baseline->idle_rules || baseline->left_out;
	if (!baseline->entered)
		say(sweep, "the shim did not see all of it", baseline->why);
	else if (baseline->idle_rules)
		say(sweep, "a rule had no effect in the run without a fault", baseline->why);
	else if (baseline->left_out)
		say(sweep, "it makes more calls than are tried", beyond);
}

int sweep_baseline(const struct sweep_settings *settings, struct sweep *sweep)
{
	struct trial again = {0};
	struct crew *crew = NULL;
	sweep->baseline_log = -1;
	struct trial_request request = settings->request;
	int code = crew_open(&request, 1, false, &crew);
	if (!code)
		code = run_crowd(settings, crew, sweep, 1, &sweep->baseline);
	crew_close(crew);
	crew = NULL;
	if (!code)
		code = places_learn(sweep->places, &sweep->baseline);
	sweep->jobs = jobs_for(settings, &sweep->baseline);
	request.places = sweep->places;
	if (!code && !sweep->baseline.exec_errno)
		code = crew_open(&request, sweep->jobs, !sweep->baseline.shares_namespace, &crew);
	if (!code && !sweep->baseline.exec_errno)
		code = run_crowd(settings, crew, sweep, sweep->jobs, &again);
	crew_close(crew);
	if (!code && !sweep->baseline.exec_errno)
		compare(sweep, &sweep->baseline, &again);
	if (!code && sweep->baseline.vanished)
		code = count_crashes(settings, sweep);
	if (!code && !sweep->is_inconclusive)
		doubt(sweep);
	trial_free(&again);
	return code;
}

/* Why TRIAL is no run of that program; false when it is. */
static bool differs(const struct sweep *sweep, const struct trial *trial, char why[300])
{
	struct sweep probe = {.is_inconclusive = false};
	compare(&probe, &sweep->baseline, trial);
	if (!trial->is_served)
		snprintf(why, 300, "%s", trial->refusal ? server_sentence(trial->refusal) : "it ended");
	else if (probe.is_inconclusive)
		snprintf(why, 300, "its runs are others (%.200s)", probe.why);
	else if (trial->output || trial->errors)
		snprintf(why, 300, "its runs print something else");
	else
		return false;
	return true;
}

/* One after another, of one server. */
int sweep_try_server(const struct sweep_settings *settings, struct sweep *sweep)
{
	const struct assignment nothing = {0};
	struct launch_options launch = *settings->request.launch;
	struct trial_request request = settings->request;
	struct crew *crew = NULL;
	unsigned index;
	launch.fork_server = true;
	request.launch = &launch;
	request.expected = sweep->expected;
	request.places = sweep->places;
	int code = crew_open(&request, 1, false, &crew);
	sweep->has_server = !code;
	for (unsigned i = 0; !code && sweep->has_server && i < SERVER_TRIES && !*settings->stop; i++) {
		struct trial trial = {0};
		struct run_files files = {{-1, -1}, -1};
		int waited = -EINTR;
		code = crew_start(crew, 0, &nothing);
		while (!code && waited == -EINTR)
			waited = crew_wait(crew, &index);
		code = code ? code : waited ? waited : crew_collect(crew, 0, &trial, &files);
		code = code ? code : -trial.tool_errno;
		sweep->has_server = !code && !differs(sweep, &trial, sweep->server_why);
		trial_free(&trial);
		run_files_close(&files);
	}
	crew_close(crew);
	return code;
}
