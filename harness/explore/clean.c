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

bool clean_next(const struct sweep_settings *settings, struct sweep *sweep, struct assignment *ret_assignment)
{
	int64_t half_ms = settings->request.launch->timeout_ms / 2;
	struct clean_runs *clean = &sweep->clean;
	if (clean->started == clean->wanted)
		return false;
	unsigned turn = clean->started++ % CLEAN_RUNS;
	*ret_assignment = (struct assignment){.by_exec = true};
	if (turn == 1) {
		ret_assignment->slow_ms = half_ms < SLOWEST_MS ? (uint32_t)half_ms : SLOWEST_MS;
		ret_assignment->slow_calls = 1;
	} else if (turn % 4 == 3) {
		ret_assignment->slow_ms = SLOW_MS;
		ret_assignment->slow_calls = SLOW_CALLS;
	}
	ret_assignment->other_ids = turn % 4 == 2;
	return true;
}

bool clean_is_due(const struct sweep *sweep)
{
	return sweep->clean.done < sweep->clean.wanted;
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
int clean_take(struct sweep *sweep, const struct trial *trial, const struct run_files *files)
{
	int learnt = 0;
	sweep->clean.done++;
	if (trial && !trial->timed_out && trial->status == sweep->baseline.status)
		learnt = clean_learn(sweep, files);
	if (learnt > 0)
		suspects_forget(sweep);
	if (!clean_is_due(sweep))
		suspects_resume(sweep);
	return learnt < 0 ? learnt : 0;
}
