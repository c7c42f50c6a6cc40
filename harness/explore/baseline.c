// SPDX-License-Identifier: MIT
// explore: the program without a fault, twice: what it does by itself.
#include "sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CROWD_MAX = 64 };

static void say(struct sweep *sweep, const char *what, const char *why)
{
	snprintf(sweep->why, sizeof sweep->why, "%s%s%s", what, why[0] ? ": " : "", why);
}

static int await(struct runner *runner, struct trial *ret_trial)
{
	int status;
	while (waitpid(runner->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return runner_collect(runner, status, ret_trial);
}

/* COUNT runs at once; the first one's trial and outputs are brought back. */
static int run_crowd(const struct sweep_settings *settings, struct sweep *sweep, unsigned count,
		     struct trial *ret_trial, struct output ret_outputs[2])
{
	struct runner runners[CROWD_MAX];
	unsigned started = 0;
	int code = 0;
	while (started < count && !(code = runner_start(settings->request, &runners[started])))
		started++;
	for (unsigned i = 0; i < started; i++) {
		struct trial trial = {0};
		int failed = await(&runners[i], &trial);
		if (!failed && i == 0) {
			failed = output_read(runners[i].output[0], &ret_outputs[0]);
			failed = failed ? failed : output_read(runners[i].output[1], &ret_outputs[1]);
			if (sweep->baseline_log < 0)
				sweep->baseline_log = dup(runners[i].log);
		}
		if (i == 0)
			*ret_trial = trial;
		else
			trial_free(&trial);
		runner_close(&runners[i]);
		code = code ? code : failed;
	}
	if (!code && ret_trial->tool_errno)
		code = -ret_trial->tool_errno;
	if (code)
		say(sweep, "the program could not be run",
		    ret_trial->why[0] ? ret_trial->why : strerror(-code));
	return code;
}

static bool has_call(const struct trial *trial, const struct observation *wanted)
{
	for (size_t i = 0; i < trial->call_count; i++) {
		const struct observation *call = &trial->calls[i];
		if (call->stack == wanted->stack && call->occurrence == wanted->occurrence &&
		    call->call == wanted->call && call->command == wanted->command &&
		    call->error == wanted->error && strcmp(call->role, wanted->role) == 0)
			return true;
	}
	return false;
}

enum { COMPARED_MOST = 20000 }; /* calls that are looked up one by one */

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
	for (size_t i = 0; i < a->call_count && i < COMPARED_MOST; i++) {
		if (has_call(b, &a->calls[i]))
			continue;
		char call[32];
		point_call(&a->calls[i], call, sizeof call);
		snprintf(what, sizeof what, "%s/%s, call %u of that process, is in one of them only",
			 a->calls[i].role, call, a->calls[i].ordinal);
		say(sweep, "two runs without a fault made different calls", what);
		return;
	}
	sweep->is_inconclusive = false;
}

/* Lines of output that differ between the two runs are not compared later. */
static int learn_masks(struct sweep *sweep, const struct output *first, const struct output *second)
{
	int code = output_mask_make(&first[0], &second[0], &sweep->masks[0]);
	code = code ? code : output_mask_make(&first[1], &second[1], &sweep->masks[1]);
	if (code)
		return code;
	sweep->baseline.output = output_hash(&first[0], &sweep->masks[0]);
	sweep->baseline.errors = output_hash(&first[1], &sweep->masks[1]);
	return 0;
}

int sweep_baseline(const struct sweep_settings *settings, struct sweep *sweep)
{
	struct output first[2] = {{0}}, second[2] = {{0}};
	struct trial again = {0};
	sweep->baseline_log = -1;
	unsigned crowd = settings->jobs < CROWD_MAX ? settings->jobs : CROWD_MAX;
	int code = run_crowd(settings, sweep, 1, &sweep->baseline, first);
	if (!code && !sweep->baseline.exec_errno)
		code = run_crowd(settings, sweep, crowd, &again, second);
	if (!code && !sweep->baseline.exec_errno) {
		compare(sweep, &sweep->baseline, &again);
		code = learn_masks(sweep, first, second);
	}
	if (!code && !sweep->is_inconclusive && !sweep->baseline.entered) {
		sweep->is_inconclusive = true;
		say(sweep, "the shim did not see all of it", sweep->baseline.why);
	}
	trial_free(&again);
	for (unsigned i = 0; i < 2; i++) {
		output_free(&first[i]);
		output_free(&second[i]);
	}
	return code;
}
