// SPDX-License-Identifier: MIT
// explore: the verdict on a point: pure, from the baseline and one trial.
#include "verdict.h"

#include "harness/analyze/finding.h"

#include <signal.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>

static const struct verdict_row rows[POINT_VERDICTS] = {
    [POINT_DIVERGED] = {"diverged", SEVERITY_NOTE,
			"the fault did not fire where it should: nothing was tested"},
    [POINT_CRASH] = {"crash", SEVERITY_ERROR, "the program died of a signal"},
    [POINT_HANG] = {"hang", SEVERITY_ERROR, "the program did not end in time"},
    [POINT_MISUSE] = {"misuse", SEVERITY_ERROR, "the program went on with what it did not have"},
    [POINT_LEAK] = {"leak", SEVERITY_ERROR, "the program left segments that it does not leave otherwise"},
    [POINT_EXCUSED] = {"excused", SEVERITY_NOTE, "only what the injected failure itself left is left"},
    [POINT_HANDLED] = {"handled", SEVERITY_NOTE, "the program reported a failure and left nothing"},
    [POINT_WRONG_OUTPUT] = {"wrong-output", SEVERITY_ERROR,
			    "the program reported success and printed something else"},
    [POINT_RECOVERED] = {"recovered", SEVERITY_NOTE, "the program noticed, went on and succeeded"},
    [POINT_SWALLOWED] = {"swallowed", SEVERITY_WARNING, "the program went on as if nothing had happened"}};

const struct verdict_row *point_verdict_row(enum point_verdict verdict)
{
	return verdict < POINT_VERDICTS ? &rows[verdict] : NULL;
}

bool point_is_finding(enum point_verdict verdict)
{
	return verdict < POINT_VERDICTS && rows[verdict].severity >= SEVERITY_ERROR;
}

/* Of a program that serves until the deadline, without a fault as well, that is success. */
static bool is_ok(const struct ok_statuses *ok, const struct trial *baseline, const struct trial *trial)
{
	if (!WIFEXITED(trial->status))
		return trial->timed_out && baseline->timed_out;
	for (unsigned i = 0; i < ok->count; i++)
		if (ok->codes[i] == WEXITSTATUS(trial->status))
			return true;
	return false;
}

const struct observation *point_reached(const struct point *point, const struct trial *trial)
{
	for (size_t i = 0; i < trial->call_count; i++)
		if (point_is_at(point, &trial->calls[i]))
			return &trial->calls[i];
	return NULL;
}

const struct observation *point_fired(const struct point *point, const struct trial *trial)
{
	const struct observation *call = point_reached(point, trial);
	if (!call || point->mode == MODE_SIGNAL)
		return call;
	bool is_ours = call->flags & (RECORD_INJECTED | RECORD_WORLD);
	return is_ours && call->error == point->fault ? call : NULL;
}

/* With these a program, or a shell, is asked to end: to do so with all that it started is how some report a failure. */
static bool is_request(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

/* A signal that is no crash of the program itself: ours, the one that was sent, or one that asks it to end. */
static bool is_honest_end(const struct point *point, const struct trial *trial)
{
	int signal = WTERMSIG(trial->status);
	return (trial->timed_out && signal == SIGKILL) ||
	       (point->mode == MODE_SIGNAL && signal == point->fault) || is_request(signal);
}

static bool has_crashed(const struct point *point, const struct trial *baseline, const struct trial *trial)
{
	if (!WIFSIGNALED(trial->status) ||
	    is_honest_end(point, trial)) /* a child, which only a traced run shows */
		return trial->crashes > baseline->crashes && !baseline->is_blind;
	return !WIFSIGNALED(baseline->status) || WTERMSIG(baseline->status) != WTERMSIG(trial->status);
}

static bool has_misuse(const struct trial *trial, const struct misuse *wanted)
{
	for (size_t i = 0; i < trial->misuse_count; i++)
		if (trial->misuses[i].id == wanted->id && trial->misuses[i].stack == wanted->stack)
			return true;
	return false;
}

bool verdict_is_new_misuse(const struct trial *baseline, const struct misuse *misuse)
{
	return misuse->severity >= SEVERITY_ERROR && !has_misuse(baseline, misuse);
}

static bool has_new_misuse(const struct trial *baseline, const struct trial *trial)
{
	for (size_t i = 0; i < trial->misuse_count; i++)
		if (verdict_is_new_misuse(baseline, &trial->misuses[i]))
			return true;
	return false;
}

static const struct left_segments *left_at(const struct trial *trial, uint64_t stack)
{
	for (size_t i = 0; i < trial->left_count; i++)
		if (trial->left[i].stack == stack)
			return &trial->left[i];
	return NULL;
}

bool verdict_left_more(const struct trial *baseline, const struct left_segments *left, bool with_excused)
{
	const struct left_segments *before = left_at(baseline, left->stack);
	uint32_t now = left->count - (with_excused ? 0 : left->excused);
	return now > (before ? before->count : 0);
}

static uint64_t left_in_all(const struct trial *trial)
{
	uint64_t count = 0;
	for (size_t i = 0; i < trial->left_count; i++)
		count += trial->left[i].count;
	return count;
}

/* What one that serves has when it is killed it may have made in another place. */
static bool has_left_more(const struct trial *baseline, const struct trial *trial, bool with_excused)
{
	if (trial->timed_out && left_in_all(trial) <= left_in_all(baseline))
		return false;
	for (size_t i = 0; i < trial->left_count; i++)
		if (verdict_left_more(baseline, &trial->left[i], with_excused))
			return true;
	return false;
}

static bool is_release(const struct point *point)
{
	return point->at.call == CALL_SHMDT ||
	       (point->at.call == CALL_SHMCTL && point->at.command == IPC_RMID);
}

/* A later call of that kind, in whichever process, that succeeded: the program tried again. */
static bool has_tried_again(const struct point *point, const struct observation *fired,
			    const struct trial *trial)
{
	for (size_t i = 0; i < trial->call_count; i++) {
		const struct observation *call = &trial->calls[i];
		if (call->call == point->at.call && call->command == point->at.command &&
		    call->begin_ns > fired->begin_ns && !(call->flags & RECORD_FAILED))
			return true;
	}
	return false;
}

enum point_verdict point_judge(const struct point *point, const struct trial *baseline,
			       const struct trial *trial, const struct ok_statuses *ok)
{
	const struct observation *fired = point_fired(point, trial);
	if (!fired)
		return POINT_DIVERGED;
	if (has_crashed(point, baseline, trial))
		return POINT_CRASH;
	if (trial->timed_out && !baseline->timed_out)
		return POINT_HANG;
	if (has_new_misuse(baseline, trial))
		return POINT_MISUSE;
	if (has_left_more(baseline, trial, false))
		return POINT_LEAK;
	if (has_left_more(baseline, trial, true))
		return POINT_EXCUSED;
	if (!is_ok(ok, baseline, trial))
		return POINT_HANDLED;
	if (trial->output != baseline->output)
		return POINT_WRONG_OUTPUT;
	if (is_release(point) || has_tried_again(point, fired, trial) || trial->errors != baseline->errors)
		return POINT_RECOVERED;
	return POINT_SWALLOWED;
}
