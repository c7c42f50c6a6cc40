// SPDX-License-Identifier: MIT
// report: an exploration as a report: a case for every point.
#include "explore_report.h"

#include "harness/explore/reproduce.h"
#include "harness/explore/watch.h"
#include "json_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

int explore_list(const struct sweep_settings *settings, const struct sweep *sweep, FILE *stream)
{
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		if (tried->is_selected && tried->point.depth <= settings->depth)
			fprintf(stream, "%s\n", tried->id);
	}
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}

/* Which leaks and misuses of a run are the injected failure's doing. */
static bool is_harm(const struct trial *baseline, const struct finding *finding, struct stacks *stacks)
{
	bool is_leak = watch_is_left(finding->id);
	uint64_t place = stack_identity(
	    stacks_get(stacks, is_leak ? finding->segment.creation.stack : finding->offending.stack));
	struct misuse misuse = {place, finding->id, finding->severity};
	struct left_segments left = {.stack = place, .count = finding->count ? (uint32_t)finding->count : 1};
	return is_leak ? verdict_left_more(baseline, &left, false) : verdict_is_new_misuse(baseline, &misuse);
}

static int tell(struct explored *explored, struct explored_cause *cause, struct report *report)
{
	struct replay replay;
	const struct tried *tried = cause->tried;
	if (tried->log < 0 || replay_open(tried->log, tried->fired.begin_ns, &explored->stacks, &replay))
		return 0; /* the bare facts are told */
	struct books books = {replay.ledger, replay.stacks, replay.content.arena, replay.content.arena_size};
	struct keep *keep = &report->keep;
	cause->harm = keep_bytes(keep, EXPLORED_HARM * sizeof *cause->harm);
	told_call_make(&books, &replay.wanted, keep, &cause->injected);
	for (size_t i = 0; cause->harm && i < replay.findings.count; i++) {
		if (!is_harm(&explored->sweep->baseline, &replay.findings.list[i], replay.stacks))
			continue;
		if (cause->harm_count == EXPLORED_HARM) {
			cause->harm_left_out++;
			continue;
		}
		struct told_finding *told = &cause->harm[cause->harm_count];
		told_make(&books, &replay.findings.list[i], keep, told);
		told->after = cause->injected;
		cause->harm_count++;
	}
	const struct evidence *evidence = &replay.content.evidence;
	cause->crashes = keep_bytes(keep, (evidence->crash_count + 1) * sizeof *cause->crashes);
	for (size_t i = 0; cause->crashes && i < evidence->crash_count; i++)
		cause->crash_count +=
		    told_crash_make(&books, &evidence->crashes[i], keep, &cause->crashes[cause->crash_count]);
	size_t first = replay.calls > REPLAY_LAST ? replay.calls - REPLAY_LAST : 0;
	for (size_t i = first; i < replay.calls; i++)
		told_call_make(&books, &replay.last[i % REPLAY_LAST], keep,
			       &cause->last_calls[cause->last_count++]);
	replay_close(&replay);
	return keep->no_memory ? -ENOMEM : 0;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct explored_cause *)a)->cause, y = ((const struct explored_cause *)b)->cause;
	return (x > y) - (x < y);
}

static struct explored_cause *cause_named(const struct explored *explored, uint64_t cause)
{
	const struct explored_cause wanted = {.cause = cause};
	if (!cause || !explored->cause_count)
		return NULL;
	return bsearch(&wanted, explored->causes, explored->cause_count, sizeof wanted, by_number);
}

/* Each once, by number. */
static int list_causes(struct explored *explored)
{
	const struct worklist *points = &explored->sweep->points;
	size_t count = 0, kept = 0;
	for (size_t i = 0; i < points->count; i++)
		count += points->list[i].cause != 0;
	struct explored_cause *causes = calloc(count + 1, sizeof *causes);
	if (!causes)
		return -ENOMEM;
	for (size_t i = 0, k = 0; i < points->count; i++)
		if (points->list[i].cause)
			causes[k++].cause = points->list[i].cause;
	qsort(causes, count, sizeof *causes, by_number);
	for (size_t i = 0; i < count; i++)
		if (!kept || causes[kept - 1].cause != causes[i].cause)
			causes[kept++].cause = causes[i].cause;
	explored->causes = causes;
	explored->cause_count = kept;
	explored->worst_first = calloc(kept + 1, sizeof(struct explored_cause *));
	return explored->worst_first ? 0 : -ENOMEM;
}

/* Of the points with one cause the one whose log was kept stands for all. */
static void gather_points(struct explored *explored)
{
	const struct worklist *points = &explored->sweep->points;
	for (size_t i = 0; i < points->count; i++) {
		const struct tried *tried = &points->list[i];
		struct explored_cause *cause = cause_named(explored, tried->cause);
		if (!cause)
			continue;
		if (!cause->tried || (cause->tried->log < 0 && tried->log >= 0))
			cause->tried = tried;
		if (!cause->points++)
			cause->first = i;
		cause->last = i;
	}
	for (size_t i = 0; i < explored->cause_count; i++)
		explored->worst_first[i] = &explored->causes[i];
}

static int by_verdict(const void *a, const void *b)
{
	const struct explored_cause *x = *(struct explored_cause *const *)a,
				    *y = *(struct explored_cause *const *)b;
	if (x->tried->verdict != y->tried->verdict)
		return x->tried->verdict < y->tried->verdict ? -1 : 1;
	return x->tried < y->tried ? -1 : x->tried > y->tried;
}

static json_t *members(const struct tried *tried)
{
	const struct observation *call = &tried->point.at;
	json_t *made = json_pack(
	    "{s:s,s:s,s:o,s:i,s:s,s:s,s:s,s:o,s:i,s:s,s:i}", "role", call->role, "call",
	    event_name(call->call), "command",
	    call->call == CALL_SHMCTL && shmctl_name(call->command) ? json_string(shmctl_name(call->command))
								    : json_null(),
	    "occurrence", (int)call->tree_ordinal, "errno", point_fault(&tried->point), "fidelity",
	    point_fidelity(&tried->point), "mode", point_mode(&tried->point), "status",
	    tried->has_verdict ? json_status(tried->trial.status) : json_null(), "left", (int)tried->left,
	    "again",
	    tried->is_flaky       ? "flaky"
	    : tried->is_confirmed ? "deterministic"
				  : "not tried",
	    "depth", (int)tried->point.depth);
	return made;
}

static enum outcome outcome_of(const struct tried *tried, enum severity fail_on)
{
	if (tried->state == STATE_BROKEN)
		return OUTCOME_INCONCLUSIVE;
	if (!tried->has_verdict)
		return OUTCOME_SKIP;
	if (tried->verdict != POINT_DIVERGED && point_verdict_row(tried->verdict)->severity >= fail_on)
		return OUTCOME_FAIL;
	return tried->verdict == POINT_DIVERGED || tried->is_doubtful ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS;
}

/* It printed something else, and whether that is the fault's doing is not known. */
static bool is_undecided(const struct tried *tried)
{
	return !tried->has_verdict && tried->wrong && tried->state != STATE_BROKEN;
}

static struct coverage cover(const struct sweep *sweep, unsigned depth)
{
	struct coverage coverage = {0};
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		if (tried->point.depth > depth)
			coverage.deeper++;
		else if (!tried->is_selected)
			coverage.elsewhere++;
		else if (tried->state == STATE_IMPOSSIBLE)
			coverage.impossible++;
		else if (tried->has_verdict)
			coverage.tried++;
		else if (is_undecided(tried))
			coverage.undecided++;
		else
			coverage.not_reached++;
	}
	return coverage;
}

static const char *message_of(const struct explored *explored, const struct tried *tried, struct keep *keep)
{
	char call[32];
	const char *place = places_name(explored->sweep->places, tried->point.at.stack);
	point_call(&tried->point.at, call, sizeof call);
	const char *what =
	    tried->state == STATE_BROKEN       ? "shmcheck itself failed"
	    : tried->state == STATE_IMPOSSIBLE ? "the kernel does not fail so here"
	    : tried->has_verdict               ? point_verdict_row(tried->verdict)->meaning
	    : is_undecided(tried)
		? "the program printed something else, and there was no time to see whether it "
		  "does so by itself"
		: "not tried";
	return keep_print(keep, "when %s fails with %s in %s: %s", call, point_fault(&tried->point), place,
			  what);
}

static const char *word_of(const struct tried *tried)
{
	return tried->state == STATE_BROKEN       ? "broken"
	       : tried->state == STATE_IMPOSSIBLE ? "impossible"
	       : tried->has_verdict               ? point_verdict_row(tried->verdict)->name
						  : "not-tried";
}

static const char *known(struct keep *keep, const char *text)
{
	return text[0] ? keep_string(keep, text) : NULL;
}

static struct location location_of(const struct explored *explored, uint64_t stack, struct keep *keep)
{
	const struct place *place = places_find(explored->sweep->places, stack);
	if (!place)
		return (struct location){0};
	return (struct location){.file = known(keep, place->file),
				 .line = place->line,
				 .function = known(keep, place->function),
				 .object = known(keep, place->object),
				 .build_id = known(keep, place->build_id),
				 .offset = place->offset};
}

static int add_case(struct explored *explored, const struct tried *tried, struct report *report)
{
	struct report_case *made = report_add(report);
	struct keep *keep = &report->keep;
	if (!made)
		return -ENOMEM;
	const struct explored_cause *cause = cause_named(explored, tried->cause);
	made->kind = CASE_POINT;
	made->name = tried->id;
	made->group = explored->options->launch.argv[0];
	made->verdict = word_of(tried);
	made->outcome = outcome_of(tried, explored->options->fail_on);
	made->message = made->outcome == OUTCOME_PASS ? NULL : message_of(explored, tried, keep);
	made->seconds = tried->has_verdict ? (double)tried->trial.duration_ns / 1e9 : -1;
	made->location = location_of(explored, tried->point.at.stack, keep);
	made->fingerprint = tried->cause;
	made->members = members(tried);
	if (cause && cause->harm) {
		made->findings = cause->harm;
		made->finding_count = cause->harm_count;
	}
	if (cause && cause->harm_left_out)
		json_object_set_new(made->members, "findings_left_out",
				    json_integer((json_int_t)cause->harm_left_out));
	if (cause) {
		made->crashes = cause->crashes;
		made->crash_count = cause->crash_count;
		made->owns_crashes = cause->tried == tried;
	}
	made->is_explained = tried->verdict == POINT_LEAK || tried->verdict == POINT_MISUSE;
	char **argv = reproduce_argv(explored->options, tried->id);
	made->reproduce = keep_argv(keep, (const char *const *)argv);
	reproduce_free(argv);
	return keep->no_memory || !argv || !made->members ? -ENOMEM : 0;
}

static int doubt(const struct sweep *sweep, struct report *report)
{
	int code = sweep->is_inconclusive ? report_doubt(report, "%s", sweep->why) : 0;
	if (!code && sweep->broken)
		code =
		    report_doubt(report, "%zu points could not be tried: %s", sweep->broken, sweep->trouble);
	else if (!code && report->untried && report->untried == report->count)
		code = report_doubt(report, "it ended before one of %zu points was decided", report->count);
	return code;
}

int explore_fill(const struct options *options, const struct sweep_settings *settings,
		 const struct sweep *sweep, struct explored *explored, struct report *report)
{
	*explored = (struct explored){.options = options, .settings = settings, .sweep = sweep};
	report->command = "explore";
	report->program = (const char *const *)options->launch.argv;
	report->text = explore_text;
	report->context = explored;
	explored->coverage = cover(sweep, settings->depth);
	report->untried = explored->coverage.not_reached + explored->coverage.undecided;
	report->is_partial = report->untried || explored->coverage.elsewhere;
	int code = list_causes(explored);
	if (code)
		return code;
	gather_points(explored);
	qsort(explored->worst_first, explored->cause_count, sizeof(struct explored_cause *), by_verdict);
	for (size_t i = 0; !code && i < explored->cause_count; i++)
		code = tell(explored, explored->worst_first[i], report);
	for (size_t i = 0; !code && i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		if (tried->is_selected && tried->point.depth <= settings->depth)
			code = add_case(explored, tried, report);
	}
	code = code ? code : doubt(sweep, report);
	if (!code)
		report->summary = json_pack(
		    "{s:o,s:I,s:I,s:I,s:I,s:s?,s:I,s:f,s:b}", "status", json_status(sweep->baseline.status),
		    "points", (json_int_t)report->count, "not_tried", (json_int_t)report->untried, "runs",
		    (json_int_t)sweep->runs, "forked_runs", (json_int_t)sweep->served, "no_fork_server",
		    sweep->server_why[0] ? sweep->server_why : NULL, "jobs", (json_int_t)sweep->jobs,
		    "seconds", (double)(sweep->end_ns - sweep->begin_ns) / 1e9, "ended_early", sweep->is_cut);
	return code;
}

void explore_free(struct explored *explored)
{
	free(explored->causes);
	free(explored->worst_first);
	stacks_free(explored->stacks);
}
