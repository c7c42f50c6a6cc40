// SPDX-License-Identifier: MIT
// explore: what a run makes of its point: its verdict, and whether another run is needed.
#include "weigh.h"

#include "harness/explore/cause.h"
#include "harness/explore/clean.h"
#include "harness/explore/keep_run.h"
#include "harness/explore/suspect.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void drop_log(struct tried *tried)
{
	if (tried->log >= 0)
		close(tried->log);
	tried->log = -1;
}

/* Returns 0 or -ENOMEM. */
static int hold_log(struct sweep *sweep, struct tried *tried, int log)
{
	size_t place = (size_t)(tried - sweep->points.list), loser;
	int kept = causes_add(&sweep->causes, tried->cause, place, &loser);
	if (kept > 0 && loser != SIZE_MAX)
		drop_log(&sweep->points.list[loser]);
	if (kept > 0)
		tried->log = log < 0 ? -1 : dup(log);
	return kept < 0 ? kept : 0;
}

static void let_go_of_cause(struct sweep *sweep, struct tried *tried)
{
	if (tried->cause)
		causes_remove(&sweep->causes, tried->cause, (size_t)(tried - sweep->points.list));
	tried->cause = 0;
	drop_log(tried);
}

void weigh_retract(struct sweep *sweep, struct tried *tried)
{
	sweep->done -= tried->state >= STATE_DONE;
	let_go_of_cause(sweep, tried);
	trial_free(&tried->trial);
	tried->has_verdict = tried->is_confirmed = tried->is_flaky = tried->is_doubtful = false;
}

/* Thousands of points are kept, and each list may be as long as the program's run. */
static void drop_lists(struct tried *tried)
{
	tried->left = 0;
	for (size_t i = 0; i < tried->trial.left_count; i++)
		tried->left += tried->trial.left[i].count;
	trial_drop_lists(&tried->trial);
}

/* Makes TRIAL the one that TRIED has its verdict from. */
static int settle(const struct sweep_settings *settings, struct sweep *sweep, struct tried *tried,
		  struct trial *trial, enum point_verdict verdict, const struct run_files *files)
{
	const struct observation *fired = point_fired(&tried->point, trial);
	tried->verdict = verdict;
	tried->has_verdict = true;
	tried->is_doubtful = trial->lost || (!trial->entered && sweep->baseline.entered);
	if (fired)
		tried->fired = *fired;
	trial_free(&tried->trial);
	tried->trial = *trial;
	*trial = (struct trial){0};
	let_go_of_cause(sweep, tried);
	tried->cause = point_is_finding(verdict) ? cause_of(tried, &sweep->baseline) : 0;
	drop_lists(tried);
	if (!tried->cause)
		return 0;
	int code = hold_log(sweep, tried, files->log);
	if (code)
		return code;
	int kept = settings->output && files->log >= 0 ? keep_run(settings->output, tried, files) : 0;
	if (!sweep->unkept)
		sweep->unkept = kept;
	return 0;
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

/* A process that never said that it ends may have crashed: only a tracer can tell. In the baseline others may have been
 * killed, and the one whose call failed too. Who hangs may wait for one that crashed. */
static bool is_suspect(const struct sweep *sweep, const struct tried *tried, const struct trial *trial,
		       enum point_verdict verdict)
{
	const struct observation *fired = point_fired(&tried->point, trial);
	bool is_gone = trial->vanished > sweep->baseline.vanished || (fired && fired->has_vanished);
	return verdict == POINT_HANG || (verdict > POINT_HANG && is_gone);
}

/* The fault did not fire: a second chance, and a word when even that was in vain. */
static int diverge(const struct sweep_settings *settings, struct sweep *sweep, struct tried *tried,
		   struct trial *trial, const struct run_files *files, bool *ret_again)
{
	*ret_again = ++tried->divergences < 2;
	tried->point.by_ordinal = *ret_again; /* should its stack not be told apart inside the program */
	if (tried->has_verdict)
		tried->is_flaky = !*ret_again;
	else if (!*ret_again)
		return settle(settings, sweep, tried, trial, POINT_DIVERGED, files);
	return 0;
}

/* An output that differs from the other runs' as well is no proof that the program always prints this. */
static int settle_suspect(const struct sweep_settings *settings, struct sweep *sweep, struct tried *tried,
			  struct trial *trial, enum point_verdict verdict, const struct run_files *files)
{
	tried->is_flaky = tried->other || tried->prints_vary;
	tried->is_confirmed = !tried->is_flaky;
	return settle(settings, sweep, tried, trial, verdict, files);
}

/* The first traced run of a suspect shows what no run before it could: that is no other way that the program went. */
static bool shows_more(const struct tried *tried, const struct trial *trial, enum point_verdict verdict)
{
	return tried->is_traced && trial->crashes > tried->trial.crashes && point_is_finding(verdict) &&
	       verdict != POINT_HANG && verdict < tried->verdict;
}

/* What a fork showed is something else in a new process: a finding that is none, or another one, or one that was missed. */
static bool contradicts_server(const struct sweep_settings *settings, const struct sweep *sweep,
			       const struct tried *tried, const struct trial *trial)
{
	if (!tried->has_verdict || !tried->trial.is_served || trial->is_served ||
	    (!point_is_finding(tried->verdict) && !tried->is_check))
		return false;
	/* the second run of a hang has more time; one that needed it, or nearly, is no other than the fork */
	if (tried->verdict == POINT_HANG && trial->duration_ns > tried->trial.duration_ns / 2)
		return false;
	enum point_verdict verdict = point_judge(&tried->point, &sweep->baseline, trial, &settings->ok);
	return verdict != tried->verdict && !shows_more(tried, trial, verdict);
}

static uint64_t call_key(const struct observation *at)
{
	return ledger_map_hash(at->stack) + (uint64_t)at->call;
}

/* Findings are tried once more in any case. Of the others one for each call is: how a program meets a failure there seldom
 * depends on which one it is. Returns 1 when TRIED is that one, else 0 or -ENOMEM. */
static int needs_check(struct sweep *sweep, const struct tried *tried)
{
	uint64_t key = call_key(&tried->point.at);
	if (!tried->trial.is_served || ledger_map_get(&sweep->checked, key))
		return 0;
	int code = ledger_map_set(&sweep->checked, key, sweep);
	return code ? code : 1;
}

/* Of the failures of one call that hang one is given more time. */
static uint64_t hang_key(const struct tried *tried)
{
	return ledger_map_hash(call_key(&tried->point.at)) + tried->point.mode;
}

int64_t weigh_deadline(const struct sweep *sweep, const struct tried *tried)
{
	bool has_hung = tried->has_verdict && tried->verdict == POINT_HANG;
	return has_hung && !ledger_map_get(&sweep->hung, hang_key(tried)) ? sweep->hang_ms : 0;
}

/* Nobody could see whether a process crashed that was suspected to. */
static void doubt_crash(struct tried *tried)
{
	tried->is_doubtful = true;
	snprintf(tried->trial.why, sizeof tried->trial.why,
		 "a process may have crashed, which only ptrace(2) shows, and that is not permitted here");
}

/* A hang counts when it came twice, every other finding is tried once more; a crash under a tracer, which knows where. */
static int compare(const struct sweep_settings *settings, struct sweep *sweep, struct tried *tried,
		   struct trial *trial, const struct run_files *files, bool *ret_again)
{
	enum point_verdict verdict = point_judge(&tried->point, &sweep->baseline, trial, &settings->ok);
	if (verdict == POINT_DIVERGED)
		return diverge(settings, sweep, tried, trial, files, ret_again);
	enum suspicion suspicion = suspect_consider(sweep, tried, verdict, trial);
	*ret_again = suspicion == SUSPICION_OPEN;
	if (*ret_again) {
		tried->is_traced |= is_suspect(sweep, tried, trial, verdict);
		return 0;
	}
	if (suspicion != SUSPICION_NONE)
		return settle_suspect(settings, sweep, tried, trial, verdict, files);
	if (!tried->has_verdict || (tried->verdict == POINT_HANG && verdict != POINT_HANG)) {
		tried->is_traced = verdict == POINT_CRASH || is_suspect(sweep, tried, trial, verdict);
		*ret_again = point_is_finding(verdict) || tried->is_traced;
		int code = settle(settings, sweep, tried, trial, verdict, files);
		int check = code || *ret_again ? 0 : needs_check(sweep, tried);
		tried->is_check = check > 0;
		*ret_again |= tried->is_check;
		return code ? code : check < 0 ? check : 0;
	}
	if (tried->is_check) /* what it was for is known: contradicts_server */
		return 0;
	bool was_finding = point_is_finding(tried->verdict), is_same = verdict == tried->verdict;
	bool is_found = verdict == POINT_CRASH || (trial->is_blind && point_is_finding(verdict));
	if ((!was_finding && is_found) ||
	    shows_more(tried, trial, verdict)) { /* what the tracer was for, or the kernel's log instead */
		*ret_again = true;
		return settle(settings, sweep, tried, trial, verdict, files);
	}
	if (is_same && verdict == POINT_HANG && ledger_map_set(&sweep->hung, hang_key(tried), sweep))
		return -ENOMEM;
	tried->is_confirmed = is_same;
	tried->is_flaky = !is_same;
	bool knows_more = is_same && tried->is_traced && trial->crashes;
	bool is_worse = point_is_finding(verdict) && verdict < tried->verdict && verdict != POINT_HANG;
	if (trial->is_blind && !was_finding)
		doubt_crash(tried);
	return knows_more || is_worse ? settle(settings, sweep, tried, trial, verdict, files) : 0;
}

int weigh(const struct sweep_settings *settings, struct sweep *sweep, size_t place, struct trial *trial,
	  const struct run_files *files)
{
	const struct observation *fired = point_fired(&sweep->points.list[place].point, trial);
	bool again = false;
	if (!fired && settle_world(sweep, place, trial))
		return 0;
	int code =
	    fired ? worklist_add(&sweep->points, &settings->worklist, trial, fired->begin_ns, place) : 0;
	if (settings->depth > 1)
		sweep->selected = worklist_selected(&sweep->points, settings->depth);
	sweep->is_contradicted |= contradicts_server(settings, sweep, &sweep->points.list[place], trial);
	if (!code)
		code = compare(settings, sweep, &sweep->points.list[place], trial, files, &again);
	if (!again)
		sweep->points.list[place].state = STATE_DONE;
	else if (sweep->points.list[place].wrong && clean_is_due(settings, sweep))
		sweep->points.list[place].state = STATE_WAITING;
	else
		worklist_again(&sweep->points, place);
	return code;
}
