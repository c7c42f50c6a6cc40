// SPDX-License-Identifier: MIT
// report: an exploration's findings as text for people.
#include "explore_report.h"

#include "harness/explore/reproduce.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { FRAMES_SHOWN = 8, TEXT_MAX = 1024 };

static void put_frames(FILE *stream, const struct stack *stack)
{
	size_t count = stack ? stack->count : 0;
	for (size_t i = 0; i < count && i < FRAMES_SHOWN; i++) {
		char text[TEXT_MAX];
		say_frame(&stack->frames[i], text, sizeof text);
		fprintf(stream, "                %s %s\n", i ? "by" : "at", text);
	}
	if (count > FRAMES_SHOWN)
		fprintf(stream, "                … %zu more\n", count - FRAMES_SHOWN);
	if (!count)
		fputs("                (no stack was kept)\n", stream);
}

static const char *fidelity_words(const struct point *point)
{
	if (point->mode == MODE_SIGNAL)
		return "a signal right after the call";
	return point->world ? "made true: the kernel itself answered so" : "forged: the call was not made";
}

static const char *mode_words(const struct point *point)
{
	return point->mode == MODE_PERSIST ? "this call and all later ones of its kind" : "this call only";
}

static void put_injected(const struct tried *tried, const struct replay *replay, FILE *stream)
{
	char call[32];
	const struct point *point = &tried->point;
	point_call(&point->at, call, sizeof call);
	fprintf(stream, "    injected    %s: %s, in %s, call %u of that name; %s%s%s\n", call,
		point_fault(point), point->at.role, tried->fired.ordinal, fidelity_words(point),
		point->mode == MODE_SIGNAL ? "" : "; ", point->mode == MODE_SIGNAL ? "" : mode_words(point));
	put_frames(stream, replay ? stacks_get(replay->stacks, tried->fired.stack_ref) : NULL);
	for (const char *before = strchr(tried->id, '+'); before;) {
		fprintf(stream, "    after       %.*s\n", (int)(before - tried->id), tried->id);
		break;
	}
}

static void put_harm(const struct explored *explored, const struct tried *tried, const struct replay *replay,
		     FILE *stream)
{
	const struct trial *baseline = &explored->sweep->baseline;
	for (size_t i = 0; i < replay->findings.count; i++) {
		const struct finding *finding = &replay->findings.list[i];
		bool is_leak = finding->id == FINDING_SEGMENT_LEAK ||
			       finding->id == FINDING_SEGMENT_UNATTRIBUTED ||
			       finding->id == FINDING_SEGMENT_HELD || finding->id == FINDING_LEFT_AT_TIMEOUT;
		uint32_t ref = is_leak ? finding->segment.creation.stack : finding->offending.stack;
		const struct stack *stack = stacks_get(replay->stacks, ref);
		uint64_t place = stack_identity(stack);
		struct misuse misuse = {place, finding->id, finding->severity};
		struct left_segments left = {.stack = place,
					     .count = finding->count ? (uint32_t)finding->count : 1};
		if (is_leak ? !verdict_left_more(baseline, &left, false)
			    : !verdict_is_new_misuse(baseline, &misuse))
			continue;
		fprintf(stream, "    %-11s %s", finding_row(finding->id)->name,
			is_leak              ? "made "
			: finding->detail[0] ? finding->detail
					     : finding_row(finding->id)->meaning);
		if (is_leak)
			fprintf(stream, "here and never removed: %" PRIu64 " bytes",
				finding->bytes ? finding->bytes : finding->segment.bytes);
		fputc('\n', stream);
		put_frames(stream, stack);
	}
	(void)tried;
}

/* The other points with this cause: how many, and the first few. */
static void put_others(const struct explored *explored, const struct tried *tried, FILE *stream)
{
	const struct worklist *points = &explored->sweep->points;
	size_t count = 0;
	for (size_t i = 0; i < points->count; i++) {
		const struct tried *other = &points->list[i];
		if (other->cause != tried->cause || other == tried)
			continue;
		fprintf(stream, "%s%s %s", count ? ", " : "    also with   ", point_fault(&other->point),
			point_mode(&other->point));
		if (++count == 8)
			break;
	}
	if (count)
		fputc('\n', stream);
}

static int put_finding(const struct explored *explored, const struct tried *tried, FILE *stream)
{
	const struct verdict_row *row = point_verdict_row(tried->verdict);
	struct replay replay = {0};
	bool has_replay = tried->log >= 0 && replay_open(tried->log, &replay) == 0;
	char call[32], status[64];
	point_call(&tried->point.at, call, sizeof call);
	say_status(tried->trial.status, status, sizeof status);
	fprintf(stream, "shmcheck: %serror: %s%s: when %s fails with %s in %s, %s\n",
		explored->color ? "\033[1;31m" : "", row->name, explored->color ? "\033[0m" : "", call,
		point_fault(&tried->point), places_name(explored->places, tried->point.at.stack),
		row->meaning);
	put_injected(tried, has_replay ? &replay : NULL, stream);
	fprintf(stream, "    then        the program %s%s\n",
		tried->trial.timed_out ? "was killed at the deadline, " : "", status);
	if (has_replay)
		put_harm(explored, tried, &replay, stream);
	put_others(explored, tried, stream);
	fprintf(stream, "    again       %s\n",
		tried->is_flaky       ? "flaky: another run went differently"
		: tried->is_confirmed ? "deterministic: a second run did the same"
				      : "not tried again");
	char **argv = reproduce_argv(explored->options, tried->id);
	if (argv) {
		fputs("    reproduce   ", stream);
		reproduce_put(argv, stream);
		fputs("\n\n", stream);
	}
	reproduce_free(argv);
	if (has_replay)
		replay_close(&replay);
	return argv ? 0 : -ENOMEM;
}

/* Of the points with one cause the one whose log was kept stands for all. */
static const struct tried *representative(const struct explored *explored, uint64_t cause)
{
	const struct worklist *points = &explored->sweep->points;
	const struct tried *first = NULL;
	for (size_t i = 0; i < points->count; i++) {
		const struct tried *tried = &points->list[i];
		if (tried->cause == cause && (!first || tried->log >= 0))
			first = tried;
		if (first && first->log >= 0)
			break;
	}
	return first;
}

/* Worst first: by verdict, then in the order in which they were found. */
static int put_findings(const struct explored *explored, FILE *stream)
{
	const struct sweep *sweep = explored->sweep;
	int code = 0;
	for (unsigned verdict = 0; verdict < POINT_VERDICTS; verdict++) {
		for (size_t i = 0; !code && i < sweep->cause_count; i++) {
			const struct tried *tried = representative(explored, sweep->causes[i]);
			if (tried && tried->verdict == verdict)
				code = put_finding(explored, tried, stream);
		}
	}
	return code;
}

static void put_doubts(const struct explored *explored, FILE *stream)
{
	const struct sweep *sweep = explored->sweep;
	if (sweep->is_inconclusive)
		fprintf(stream, "shmcheck: inconclusive: %s\n", sweep->why);
	if (sweep->broken)
		fprintf(stream, "shmcheck: inconclusive: %zu points could not be tried: %s\n", sweep->broken,
			sweep->trouble);
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
	size_t tried = 0, impossible = 0, left = 0, deeper = 0, elsewhere = 0;
	for (size_t i = 0; i < sweep->points.count; i++) {
		const struct tried *point = &sweep->points.list[i];
		if (point->point.depth > explored->settings->depth)
			deeper++;
		else if (!point->is_selected)
			elsewhere++;
		else if (point->state == STATE_IMPOSSIBLE)
			impossible++;
		else if (point->has_verdict)
			tried++;
		else
			left++;
	}
	fprintf(stream, "shmcheck: coverage: %zu points known, %zu tried, %zu not reached",
		sweep->points.count, tried, left);
	if (impossible)
		fprintf(stream, ", %zu impossible (the kernel does not fail so there)", impossible);
	if (elsewhere)
		fprintf(stream, ", %zu not asked for", elsewhere);
	if (deeper)
		fprintf(stream, ", %zu in recovery code (--depth=%u)", deeper, explored->settings->depth + 1);
	fprintf(stream, "%s\n", sweep->is_cut ? "; ended early" : "");
}

static void put_summary(const struct explored *explored, FILE *stream)
{
	const struct sweep *sweep = explored->sweep;
	size_t counts[POINT_VERDICTS] = {0};
	char status[64];
	double seconds = (double)(sweep->end_ns - sweep->begin_ns) / 1e9;
	for (size_t i = 0; i < sweep->points.count; i++)
		if (sweep->points.list[i].has_verdict)
			counts[sweep->points.list[i].verdict]++;
	say_status(sweep->baseline.status, status, sizeof status);
	fputs("shmcheck: SUMMARY: ", stream);
	fprintf(stream, "%s: ",
		sweep->cause_count               ? "findings"
		: explore_is_inconclusive(sweep) ? "inconclusive"
						 : "clean");
	for (unsigned i = 0; i < POINT_VERDICTS; i++)
		if (counts[i])
			fprintf(stream, "%zu %s, ", counts[i], point_verdict_row(i)->name);
	fprintf(stream, "%" PRIu64 " runs in %.1f s; without a fault the program %s\n", sweep->runs, seconds,
		status);
}

int explore_text(const struct explored *explored, FILE *stream)
{
	explore_put_table(explored, stream);
	int code = put_findings(explored, stream);
	put_doubts(explored, stream);
	put_coverage(explored, stream);
	put_summary(explored, stream);
	fflush(stream);
	return code ? code : ferror(stream) ? -EIO : 0;
}
