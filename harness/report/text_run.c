// SPDX-License-Identifier: MIT
// report: a single run as text for people.
#include "known.h"
#include "rules_told.h"
#include "say.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { TEXT_MAX = 1024 };

struct left_ids {
	const struct report *report;
	FILE *stream;
	size_t count;
};

static void put_circumstances(const struct report *report, FILE *stream)
{
	const struct evidence *evidence = report->evidence;
	char text[TEXT_MAX];
	for (size_t i = 0; i < evidence->survivor_count; i++) {
		say_escape(evidence->survivors[i].comm, strlen(evidence->survivors[i].comm), text,
			   sizeof text);
		fprintf(stream, "shmcheck: still alive and left alone: pid %d (%s)\n",
			evidence->survivors[i].pid, text);
	}
	for (size_t i = 0; !report->quiet && i < evidence->hint_count; i++) {
		say_escape(evidence->hints[i], strlen(evidence->hints[i]), text, sizeof text);
		fprintf(stream, "shmcheck: hint: %s\n", text);
	}
	if (evidence->isolation == ISOLATION_NONE && evidence->isolation_why &&
	    (report->verbose || !strstr(evidence->isolation_why, "asked for")))
		fprintf(stream, "shmcheck: not isolated: %s\n", evidence->isolation_why);
}

/* Nothing is removed that is not ours to remove: outside a namespace of our own we only say how. One finding may stand
 * for many segments, so the table is asked which are left. */
static int put_id(void *context, const struct segment *segment)
{
	struct left_ids *left = context;
	const struct kernel_segment *after =
	    kernel_table_find(&left->report->evidence->after, segment->shmid);
	if (!segment->created || !after || after->mode & SEGMENT_DEST || after->nattch)
		return 0;
	fprintf(left->stream, "%s -m %d",
		left->count++ ? "" : "shmcheck: left on this host: to remove it: ipcrm", segment->shmid);
	return 0;
}

static void put_ipcrm(const struct report *report, FILE *stream)
{
	struct left_ids left = {report, stream, 0};
	if (report->evidence->isolation != ISOLATION_NONE || report->evidence->plain_preload)
		return;
	ledger_segments(report->ledger, put_id, &left);
	if (left.count)
		fputc('\n', stream);
}

/* What the books alone say is left. */
static void count_left_by_books(const struct report *report, uint64_t *ret_count, uint64_t *ret_bytes)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct told_finding *finding = report->cases[i].findings;
		if (!finding || !finding->has_segment || !finding->segment.facts.left)
			continue;
		*ret_count += finding->count;
		*ret_bytes += finding->bytes;
	}
}

/* What stands in the kernel's table at the end and did not before. */
static void count_left(const struct report *report, uint64_t *ret_count, uint64_t *ret_bytes)
{
	const struct evidence *evidence = report->evidence;
	*ret_count = *ret_bytes = 0;
	if (evidence->plain_preload)
		count_left_by_books(report, ret_count, ret_bytes);
	for (size_t i = 0; i < evidence->after.count; i++) {
		const struct kernel_segment *after = &evidence->after.segments[i];
		const struct kernel_segment *before = kernel_table_find(&evidence->before, after->shmid);
		if (before && before->ctime == after->ctime && before->cpid == after->cpid)
			continue;
		++*ret_count;
		*ret_bytes += after->bytes;
	}
}

static bool has_findings(const struct report *report)
{
	return report_findings(report, SEVERITY_ERROR) + report_findings(report, SEVERITY_WARNING) +
	       report_findings(report, SEVERITY_NOTE);
}

static void put_summary(const struct report *report, FILE *stream)
{
	const struct evidence *evidence = report->evidence;
	struct ledger_totals totals = ledger_totals(report->ledger);
	uint64_t left, bytes;
	char status[64];
	count_left(report, &left, &bytes);
	if (evidence->plain_preload)
		snprintf(status, sizeof status, "status unknown");
	else
		say_status(evidence->program_status, status, sizeof status);
	fputs("shmcheck: SUMMARY: ", stream);
	if (!has_findings(report) && report->doubt_count == 0) {
		fprintf(stream, "clean: ");
	} else {
		if (report->doubt_count)
			fputs("inconclusive: ", stream);
		text_counts(report, stream);
		fputs("; ", stream);
	}
	fprintf(stream, "%" PRIu64 " segment%s made, %" PRIu64 " removed, %" PRIu64 " left",
		totals.segments_created, totals.segments_created == 1 ? "" : "s", totals.segments_removed,
		left);
	if (left)
		fprintf(stream, " (%" PRIu64 " bytes)", bytes);
	if (known_count(report))
		fprintf(stream, "; %zu known", known_count(report));
	fprintf(stream, "; program %s%s%s\n", status, evidence->timed_out ? ", killed by our deadline" : "",
		evidence->plain_preload ? "; one witness only" : "");
}

/* Notes are not shown, but a limit explains an errno: a line for each place. */
static void put_limits(const struct report *report, FILE *stream)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct told_finding *finding = report->cases[i].findings;
		if (finding && finding->id == FINDING_LIMIT_REACHED && finding->severity < report->show &&
		    finding->known == KNOWN_NOT)
			fprintf(stream, "shmcheck: limit reached: %s\n", finding->detail);
	}
}

int report_text_run(const struct report *report, FILE *stream)
{
	bool has_shown = false;
	for (size_t i = 0; i < report->count; i++)
		for (size_t k = 0; k < report->cases[i].finding_count; k++) {
			const struct told_finding *finding = &report->cases[i].findings[k];
			if (finding->severity < report->show || finding->known != KNOWN_NOT)
				continue;
			text_finding(report, finding, stream);
			fputc('\n', stream);
			has_shown = true;
		}
	for (size_t i = 0; i < report->crash_count; i++)
		text_crash(report, &report->crashes[i], stream);
	text_doubts(report, stream);
	put_circumstances(report, stream);
	put_ipcrm(report, stream);
	text_known(report, stream);
	if (report->quiet && !has_shown && !report->doubt_count)
		return 0;
	put_limits(report, stream);
	rules_put(report->evidence->plan, stream);
	put_summary(report, stream);
	return 0;
}
