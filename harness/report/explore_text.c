// SPDX-License-Identifier: MIT
// report: an exploration's findings as text for people.
#include "explore_report.h"

#include "harness/explore/keep_run.h"
#include "harness/explore/reproduce.h"
#include "known.h"
#include "say.h"
#include "shown.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { TEXT_MAX = 1024, OTHERS_SHOWN = 8 };

/* "forged, this call only" */
static void fault_words(const struct point *point, char *text, size_t size)
{
	if (point->mode == MODE_SIGNAL)
		snprintf(text, size, "%s was sent right after it", point_fault(point));
	else
		snprintf(text, size, "%s; %s",
			 point->world ? "made true: the kernel itself answered so"
				      : "forged: the call was not made",
			 point->mode == MODE_PERSIST ? "so did every later call of its kind"
						     : "this call only");
}

static void put_injected(const struct report *report, const struct explored_cause *cause, FILE *stream)
{
	const struct tried *tried = cause->tried;
	char words[128];
	fault_words(&tried->point, words, sizeof words);
	if (cause->injected.known)
		text_row(stream, "injected", "%s in %s", cause->injected.text, cause->injected.process);
	else
		text_row(stream, "injected", "%s in %s, call %u of that name", point_fault(&tried->point),
			 tried->fired.role, tried->fired.tree_ordinal);
	text_row(stream, "", "%s", words);
	text_stack(report, stream, "", &cause->injected.stack);
	const char *own = strrchr(tried->id, '+');
	if (own)
		text_row(stream, "after", "%.*s", (int)(own - tried->id), tried->id);
}

static void put_harm(const struct report *report, const struct told_finding *harm, FILE *stream)
{
	const struct finding_row *row = finding_row(harm->id);
	if (harm->has_segment) {
		text_row(stream, "found", "%s: %" PRIu64 " bytes%s, %s", row->name, harm->segment.facts.bytes,
			 harm->count > 1 ? " each" : "", row->meaning);
		text_stack(report, stream, "  made", &harm->segment.creation.stack);
	} else {
		text_row(stream, "found", "%s: %s", row->name, harm->detail[0] ? harm->detail : row->meaning);
		text_stack(report, stream, "", &harm->offending.stack);
	}
	text_row(stream, "advice", "%s", row->advice);
}

static void put_last_calls(const struct explored_cause *cause, FILE *stream)
{
	for (size_t i = 0; i < cause->last_count; i++)
		text_row(stream, i ? "" : "last calls", "%s, %s", cause->last_calls[i].text,
			 cause->last_calls[i].process);
}

/* The other points with this cause: how many, and the first few. */
static void put_others(const struct explored *explored, const struct explored_cause *cause, FILE *stream)
{
	const struct worklist *points = &explored->sweep->points;
	char text[TEXT_MAX] = "";
	size_t shown = 0, at = 0;
	for (size_t i = cause->first; i <= cause->last && shown < OTHERS_SHOWN; i++) {
		const struct tried *other = &points->list[i];
		if (other->cause != cause->cause || other == cause->tried)
			continue;
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %s", shown ? ", " : "",
				       point_fault(&other->point), point_mode(&other->point));
		shown++;
	}
	size_t left = cause->points - 1 - shown;
	if (shown)
		text_row(stream, "also with", "%s%s", text, left ? ", …" : "");
}

static void put_end(const struct explored *explored, const struct explored_cause *cause, FILE *stream)
{
	const struct tried *tried = cause->tried;
	char **argv = reproduce_argv(explored->options, tried->id);
	text_row(stream, "again", "%s",
		 tried->is_flaky       ? "flaky: another run went differently"
		 : tried->is_confirmed ? "deterministic: a second run did the same"
				       : "it was not tried again");
	if (explored->settings->output) {
		char path[KEEP_PATH_MAX], text[4 * KEEP_PATH_MAX];
		keep_run_path(explored->settings->output, tried, path);
		say_message(path, strlen(path), text, sizeof text);
		text_row(stream, "kept", "%s", text);
	}
	char *line = argv ? shell_line((const char *const *)argv) : NULL;
	if (line)
		fprintf(stream, "    %-12s%s\n\n", "reproduce", line);
	free(line);
	reproduce_free(argv);
}

static void put_cause(const struct report *report, const struct explored_cause *cause, FILE *stream)
{
	const struct explored *explored = report->context;
	const struct tried *tried = cause->tried;
	const struct verdict_row *row = point_verdict_row(tried->verdict);
	char call[32], status[64];
	if (known_cause(report, cause->cause) && !report->verbose)
		return; /* text_known tells of it */
	point_call(&tried->point.at, call, sizeof call);
	say_status(tried->trial.status, status, sizeof status);
	fprintf(stream, "shmcheck: %serror: %s%s: %s %s %s in %s: %s\n", text_paint(report, SEVERITY_ERROR),
		row->name, text_plain(report), call,
		tried->point.mode == MODE_SIGNAL ? "is followed by" : "fails with",
		point_fault(&tried->point), places_name(explored->sweep->places, tried->point.at.stack),
		row->meaning);
	put_injected(report, cause, stream);
	text_row(stream, "then", "the program %s",
		 tried->verdict == POINT_HANG ? "went on until the deadline and was killed" : status);
	for (size_t i = 0; i < cause->crash_count; i++)
		text_crash_rows(report, &cause->crashes[i], stream);
	for (size_t i = 0; i < cause->harm_count; i++)
		put_harm(report, &cause->harm[i], stream);
	if (cause->harm_left_out)
		text_row(stream, "", "and %zu findings more", cause->harm_left_out);
	if (!cause->harm && !cause->injected.known)
		text_row(stream, "details",
			 "only those of the first %d causes are kept; this one's: as below", CAUSES_LOGS);
	if (tried->verdict == POINT_CRASH || tried->verdict == POINT_HANG ||
	    tried->verdict == POINT_WRONG_OUTPUT)
		put_last_calls(cause, stream);
	put_others(explored, cause, stream);
	put_end(explored, cause, stream);
}

/* Not wrong for certain: a line each, once and for good together. */
static void put_swallowed(const struct report *report, FILE *stream)
{
	const struct explored *explored = report->context;
	const struct verdict_row *row = point_verdict_row(POINT_SWALLOWED);
	const struct tried *last = NULL;
	for (size_t i = 0; report->show <= row->severity && i < explored->sweep->points.count; i++) {
		const struct tried *tried = &explored->sweep->points.list[i];
		char call[32];
		if (!tried->has_verdict || tried->verdict != POINT_SWALLOWED)
			continue;
		if (last && point_is_at(&last->point, &tried->point.at) &&
		    last->point.fault == tried->point.fault)
			continue;
		last = tried;
		point_call(&tried->point.at, call, sizeof call);
		fprintf(stream, "shmcheck: %swarning: %s%s: %s fails with %s in %s: %s\n",
			text_paint(report, row->severity), row->name, text_plain(report), call,
			point_fault(&tried->point),
			places_name(explored->sweep->places, tried->point.at.stack), row->meaning);
	}
}

static void put_doubts(const struct report *report, FILE *stream)
{
	const struct sweep *sweep = ((const struct explored *)report->context)->sweep;
	text_doubts(report, stream);
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *tried = &sweep->points.list[i];
		if (tried->has_verdict && tried->verdict == POINT_DIVERGED)
			fprintf(
			    stream,
			    "shmcheck: inconclusive: %s did not fire, twice: the program went another way\n",
			    tried->id);
		else if (tried->has_verdict && tried->is_doubtful)
			fprintf(stream, "shmcheck: inconclusive: %s: %s\n", tried->id,
				tried->trial.why[0] ? tried->trial.why : "events were lost");
	}
}

static void put_coverage(const struct explored *explored, FILE *stream)
{
	const struct sweep *sweep = explored->sweep;
	const struct coverage *coverage = &explored->coverage;
	if (!sweep->points.count)
		fputs("shmcheck: hint: nothing was tried: the program makes none of the calls that were to "
		      "fail, "
		      "or none that can fail so\n",
		      stream);
	fprintf(stream, "shmcheck: coverage: %zu point%s known, %zu tried, %zu not reached",
		sweep->points.count, sweep->points.count == 1 ? "" : "s", coverage->tried,
		coverage->not_reached);
	if (coverage->undecided)
		fprintf(
		    stream,
		    ", %zu undecided (printed something else: no time to see whether it does so by itself)",
		    coverage->undecided);
	if (coverage->impossible)
		fprintf(stream, ", %zu impossible (the kernel does not fail so there)", coverage->impossible);
	if (coverage->elsewhere)
		fprintf(stream, ", %zu not asked for", coverage->elsewhere);
	if (coverage->deeper)
		fprintf(stream, ", %zu in recovery code", coverage->deeper);
	if (coverage->deeper && explored->settings->depth < DEPTH_MAX)
		fprintf(stream, " (--depth=%u)", explored->settings->depth + 1);
	fprintf(stream, "%s\n", sweep->is_cut ? "; ended early" : "");
	if (sweep->has_server)
		fprintf(stream, "shmcheck: fork server: made %" PRIu64 " of %" PRIu64 " runs\n",
			sweep->served, sweep->runs);
	else if (explored->settings->fork_server)
		fprintf(stream, "shmcheck: no fork server: %s\n", sweep->server_why);
	if (explored->settings->is_shuffled)
		fprintf(stream, "shmcheck: the order of the points was that of --seed=%" PRIu64 "\n",
			explored->options->seed);
}

/* What the program leaves by itself is no finding of a point: nobody may take it for clean. */
static void put_left(const struct trial *baseline, FILE *stream)
{
	uint64_t segments = 0, bytes = 0;
	for (size_t i = 0; i < baseline->left_count; i++) {
		segments += baseline->left[i].count;
		bytes += baseline->left[i].bytes;
	}
	if (segments)
		fprintf(stream, " and left %" PRIu64 " segment%s (%" PRIu64 " bytes): see shmcheck run",
			segments, segments == 1 ? "" : "s", bytes);
}

static void put_summary(const struct report *report, FILE *stream)
{
	const struct explored *explored = report->context;
	const struct sweep *sweep = explored->sweep;
	size_t counts[POINT_VERDICTS] = {0};
	char status[64];
	double seconds = (double)(sweep->end_ns - sweep->begin_ns) / 1e9;
	for (size_t i = 0; i < sweep->points.count; i++)
		if (sweep->points.list[i].has_verdict)
			counts[sweep->points.list[i].verdict]++;
	say_status(sweep->baseline.status, status, sizeof status);
	fprintf(stream, "shmcheck: SUMMARY: %s: ", report_word(report));
	for (unsigned i = 0; i < POINT_VERDICTS; i++)
		if (counts[i])
			fprintf(stream, "%zu %s, ", counts[i], point_verdict_row(i)->name);
	if (known_count(report))
		fprintf(stream, "%zu of them known, ", known_count(report));
	if (explored->coverage.undecided)
		fprintf(stream, "%zu undecided, ", explored->coverage.undecided);
	if (explored->coverage.not_reached)
		fprintf(stream, "%zu not reached, ", explored->coverage.not_reached);
	fprintf(stream, "%" PRIu64 " run%s in %.1f s; without a fault the program %s%s", sweep->runs,
		sweep->runs == 1 ? "" : "s", seconds, status,
		sweep->baseline.timed_out ? ", killed by our deadline" : "");
	put_left(&sweep->baseline, stream);
	fputc('\n', stream);
}

int explore_text(const struct report *report, FILE *stream)
{
	const struct explored *explored = report->context;
	explore_put_table(explored, stream);
	for (size_t i = 0; i < explored->cause_count; i++)
		put_cause(report, explored->worst_first[i], stream);
	put_swallowed(report, stream);
	put_doubts(report, stream);
	put_coverage(explored, stream);
	text_known(report, stream);
	put_summary(report, stream);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}
