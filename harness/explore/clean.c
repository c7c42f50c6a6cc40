// SPDX-License-Identifier: MIT
// explore: further runs without a fault: what the program prints by itself, now and then.
#include "clean.h"

#include "harness/explore/suspect.h"

#include <stdio.h>

enum { SLOW_MS = 15, SLOW_CALLS = 8, SLOWEST_MS = 1100 };

void clean_ask(struct sweep *sweep, unsigned count)
{
	unsigned wanted = sweep->clean.wanted + count;
	sweep->clean.wanted = wanted < CLEAN_MOST ? wanted : CLEAN_MOST;
}

/* How many runs the budget is for, should they take as long as the first. */
static uint64_t runs_of_budget(const struct sweep_settings *settings, const struct sweep *sweep)
{
	uint64_t each_ns = sweep->baseline.duration_ns / sweep->jobs + 1;
	return settings->budget_runs ? settings->budget_runs : settings->budget_ns / each_ns;
}

/* Of those that were asked for; a budget is for the points. */
static uint64_t affordable(const struct sweep_settings *settings, const struct sweep *sweep)
{
	uint64_t wanted = sweep->clean.wanted;
	if (!sweep_has_budget(settings))
		return wanted;
	uint64_t share = runs_of_budget(settings, sweep) / CLEAN_SHARE;
	share = share > CLEAN_RUNS ? share : CLEAN_RUNS;
	return share < wanted ? share : wanted;
}

bool clean_has_turn(const struct sweep_settings *settings, const struct sweep *sweep, bool has_point)
{
	uint64_t started = sweep->clean.started;
	if (started >= affordable(settings, sweep))
		return false;
	return !has_point || !sweep_has_budget(settings) || started < sweep->runs / CLEAN_SHARE;
}

bool clean_is_due(const struct sweep_settings *settings, const struct sweep *sweep)
{
	return sweep->clean.done < affordable(settings, sweep);
}

struct assignment clean_next(const struct sweep_settings *settings, struct sweep *sweep)
{
	int64_t half_ms = settings->request.launch->timeout_ms / 2;
	unsigned turn = sweep->clean.started++ % CLEAN_RUNS;
	struct assignment assignment = {.by_exec = true, .other_ids = turn % 4 == 2};
	if (turn == 1) {
		assignment.slow_ms = half_ms < SLOWEST_MS ? (uint32_t)half_ms : SLOWEST_MS;
		assignment.slow_calls = 1;
	} else if (turn % 4 == 3) {
		assignment.slow_ms = SLOW_MS;
		assignment.slow_calls = SLOW_CALLS;
	}
	return assignment;
}

int clean_learn(struct sweep *sweep, const struct run_files *files)
{
	int learnt = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct output output;
		int code = output_read(files->output[i], &output);
		if (code)
			return code;
		code = expected_learn(&sweep->expected[i], &output);
		output_free(&output);
		if (code < 0)
			return code;
		learnt |= code;
	}
	return learnt;
}

/* One that the deadline killed, or that found itself slow, has not printed all. */
int clean_take(const struct sweep_settings *settings, struct sweep *sweep, const struct trial *trial,
	       const struct run_files *files)
{
	int learnt = 0;
	sweep->clean.done++;
	bool is_whole = trial && trial->timed_out == sweep->baseline.timed_out;
	if (is_whole && trial->status == sweep->baseline.status)
		learnt = clean_learn(sweep, files);
	if (learnt > 0)
		suspects_forget(sweep);
	if (!clean_is_due(settings, sweep))
		suspects_resume(sweep);
	return learnt < 0 ? learnt : 0;
}
