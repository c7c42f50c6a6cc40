// SPDX-License-Identifier: MIT
// report: text for people.
#include "report.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { FRAMES_SHOWN = 12, TEXT_MAX = 1024 };

static const char *paint(const struct report *report, enum severity severity)
{
	static const char *const colors[] = {"\033[36m", "\033[33m", "\033[1;31m"};
	return report->color ? colors[severity] : "";
}

static const char *plain(const struct report *report)
{
	return report->color ? "\033[0m" : "";
}

/* "  label:    text" */
static void put_row(FILE *stream, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void put_row(FILE *stream, const char *label, const char *format, ...)
{
	va_list arguments;
	fprintf(stream, "    %-12s", label);
	va_start(arguments, format);
	vfprintf(stream, format, arguments);
	va_end(arguments);
	fputc('\n', stream);
}

static bool is_start_up(const struct frame *frame)
{
	static const char *const names[] = {
	    "_start", "__libc_start_main", "__libc_start_call_main", "start_thread", "clone3", "__clone"};
	for (unsigned i = 0; frame->function && i < sizeof names / sizeof *names; i++)
		if (strncmp(frame->function, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static void put_stack(const struct report *report, FILE *stream, const char *label, uint32_t ref)
{
	const struct stack *stack = stacks_get(report->stacks, ref);
	size_t count = stack ? stack->count : 0, most = report->verbose ? SIZE_MAX : FRAMES_SHOWN, shown = 0;
	if (!count) {
		put_row(stream, label, "(no stack was kept)");
		return;
	}
	while (!report->verbose && count > 1 && is_start_up(&stack->frames[count - 1]))
		count--;
	for (; shown < count && shown < most; shown++) {
		char text[TEXT_MAX];
		say_frame(&stack->frames[shown], text, sizeof text);
		put_row(stream, shown ? "" : label, "%s %s", shown ? "by" : "at", text);
	}
	if (shown < count)
		put_row(stream, "", "… %zu more: --verbose", count - shown);
	else if (stack->truncated || !stack->complete)
		put_row(stream, "", "… the rest of the stack could not be had");
}

static void put_key(const struct report *report, FILE *stream, const struct segment *segment)
{
	char key[24], path[TEXT_MAX];
	size_t length;
	const char *text = report_string(report, segment->ftok_text, &length);
	say_key(segment->key, key, sizeof key);
	if (text) {
		say_escape(text, length, path, sizeof path);
		put_row(stream, "key", "%s, from ftok(\"%s\", %d)", key, path, segment->ftok_proj_id);
	} else {
		put_row(stream, "key", "%s%s", key,
			segment->reach_key ? ""
			: segment->key     ? " (no longer reachable by it)"
					   : "");
	}
}

static void put_removal(FILE *stream, const struct segment *segment)
{
	char call[SAY_MAX];
	if (segment->removed) {
		put_row(stream, "removed", "by pid %d", segment->removal.pid);
	} else if (segment->removal_attempts) {
		say_call(&segment->last_failed_removal, call, sizeof call);
		put_row(stream, "removal", "tried %" PRIu64 " time%s, last by pid %d: %s",
			segment->removal_attempts, segment->removal_attempts == 1 ? "" : "s",
			segment->last_failed_removal.pid, call);
	} else {
		put_row(stream, "removal", "IPC_RMID was never called on it");
	}
}

static void put_size(FILE *stream, uint64_t bytes)
{
	if (bytes >= 10 << 20)
		put_row(stream, "bytes", "%" PRIu64 " (%.1f MiB)", bytes, (double)bytes / (1 << 20));
	else if (bytes >= 10 << 10)
		put_row(stream, "bytes", "%" PRIu64 " (%.1f KiB)", bytes, (double)bytes / (1 << 10));
	else
		put_row(stream, "bytes", "%" PRIu64, bytes);
}

static void put_segment(const struct report *report, FILE *stream, const struct segment *segment)
{
	char process[SAY_MAX];
	put_key(report, stream, segment);
	put_row(stream, "shmid", "%d", segment->shmid);
	put_size(stream, segment->bytes);
	put_row(stream, "mode", "%04o", segment->mode & 0777);
	if (segment->creator_process || segment->creator_pid) {
		say_process(report, segment->creator_process, segment->creator_pid, process, sizeof process);
		put_row(stream, "creator", "%s", process);
	}
	if (segment->creation.state != RECORD_FREE)
		put_stack(report, stream, "created", segment->creation.stack);
	put_row(stream, "attached", "%" PRIu64 " time%s, detached %" PRIu64, segment->attaches,
		segment->attaches == 1 ? "" : "s", segment->detaches);
	put_removal(stream, segment);
}

static void put_finding(const struct report *report, FILE *stream, const struct finding *finding)
{
	const struct finding_row *row = finding_row(finding->id);
	char call[SAY_MAX], detail[TEXT_MAX];
	say_escape(finding->detail, strlen(finding->detail), detail, sizeof detail);
	fprintf(stream, "shmcheck: %s%s: %s%s: %s%s%s", paint(report, finding->severity),
		severity_name(finding->severity), row->name, plain(report), row->meaning,
		detail[0] ? ": " : "", detail);
	if (finding->count > 1)
		fprintf(stream, " (%" PRIu64 " times)", finding->count);
	fputc('\n', stream);
	if (finding->offending.state != RECORD_FREE && finding->offending.event < CALL_COUNT) {
		say_call(&finding->offending, call, sizeof call);
		put_row(stream, "call", "%s, pid %d", call, finding->offending.pid);
		put_stack(report, stream, "", finding->offending.stack);
	}
	if (finding->has_segment)
		put_segment(report, stream, &finding->segment);
	put_row(stream, "advice", "%s", row->advice);
}

static void put_doubts(const struct report *report, FILE *stream)
{
	const struct evidence *evidence = report->evidence;
	char text[TEXT_MAX];
	for (size_t i = 0; i < evidence->doubt_count; i++) {
		say_escape(evidence->doubts[i], strlen(evidence->doubts[i]), text, sizeof text);
		fprintf(stream, "shmcheck: %sinconclusive%s: %s\n", paint(report, SEVERITY_WARNING),
			plain(report), text);
	}
	for (size_t i = 0; i < evidence->survivor_count; i++) {
		say_escape(evidence->survivors[i].comm, strlen(evidence->survivors[i].comm), text,
			   sizeof text);
		fprintf(stream, "shmcheck: still alive and left alone: pid %d (%s)\n",
			evidence->survivors[i].pid, text);
	}
	if (evidence->isolation == ISOLATION_NONE && evidence->isolation_why &&
	    (report->verbose || !strstr(evidence->isolation_why, "asked for")))
		fprintf(stream, "shmcheck: not isolated: %s\n", evidence->isolation_why);
}

/* Nothing is removed that is not ours to remove: outside a namespace of our own we only say how. */
static void put_ipcrm(const struct report *report, FILE *stream)
{
	bool is_first = true;
	for (size_t i = 0; report->evidence->isolation == ISOLATION_NONE && i < report->findings->count;
	     i++) {
		const struct finding *finding = &report->findings->list[i];
		if (!finding->has_segment || !finding->segment.left)
			continue;
		fprintf(stream, "%s -m %d",
			is_first ? "shmcheck: left on this host: to remove it: ipcrm" : "",
			finding->segment.shmid);
		is_first = false;
	}
	if (!is_first)
		fputc('\n', stream);
}

/* What stands in the kernel's table at the end and did not before. */
static void count_left(const struct evidence *evidence, uint64_t *ret_count, uint64_t *ret_bytes)
{
	*ret_count = *ret_bytes = 0;
	for (size_t i = 0; i < evidence->after.count; i++) {
		const struct kernel_segment *after = &evidence->after.segments[i];
		const struct kernel_segment *before = kernel_table_find(&evidence->before, after->shmid);
		if (before && before->ctime == after->ctime && before->cpid == after->cpid)
			continue;
		++*ret_count;
		*ret_bytes += after->bytes;
	}
}

/* "1 error (segment-leak), 0 warnings, 2 notes" */
static void put_counts(const struct report *report, FILE *stream)
{
	static const enum severity order[] = {SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE};
	const struct findings *findings = report->findings;
	for (unsigned i = 0; i < 3; i++) {
		size_t count = findings_count(findings, order[i]);
		fprintf(stream, "%s%zu %s%s", i ? ", " : "", count, severity_name(order[i]),
			count == 1 ? "" : "s");
		bool seen[FINDING_COUNT] = {false}, is_first = true;
		for (size_t k = 0; i < 2 && k < findings->count; k++) {
			enum finding_id id = findings->list[k].id;
			if (findings->list[k].severity != order[i] || seen[id])
				continue;
			fprintf(stream, "%s%s", is_first ? " (" : ", ", finding_row(id)->name);
			seen[id] = true;
			is_first = false;
		}
		fputs(is_first ? "" : ")", stream);
	}
}

static void put_summary(const struct report *report, FILE *stream)
{
	const struct evidence *evidence = report->evidence;
	struct ledger_totals totals = ledger_totals(report->ledger);
	uint64_t left, bytes;
	char status[64];
	count_left(evidence, &left, &bytes);
	say_status(evidence->program_status, status, sizeof status);
	fputs("shmcheck: SUMMARY: ", stream);
	if (report->findings->count == 0 && evidence->doubt_count == 0) {
		fprintf(stream, "clean: ");
	} else {
		if (evidence->doubt_count)
			fputs("inconclusive: ", stream);
		put_counts(report, stream);
		fputs("; ", stream);
	}
	fprintf(stream, "%" PRIu64 " segment%s made, %" PRIu64 " removed, %" PRIu64 " left",
		totals.segments_created, totals.segments_created == 1 ? "" : "s", totals.segments_removed,
		left);
	if (left)
		fprintf(stream, " (%" PRIu64 " bytes)", bytes);
	fprintf(stream, "; program %s%s%s\n", status, evidence->timed_out ? ", killed by our deadline" : "",
		evidence->plain_preload ? "; one witness only" : "");
}

int report_text(const struct report *report, FILE *stream)
{
	bool has_shown = false;
	for (size_t i = 0; i < report->findings->count; i++) {
		if (report->findings->list[i].severity < report->show)
			continue;
		put_finding(report, stream, &report->findings->list[i]);
		has_shown = true;
	}
	put_doubts(report, stream);
	put_ipcrm(report, stream);
	if (!report->quiet || has_shown || report->evidence->doubt_count)
		put_summary(report, stream);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}
