// SPDX-License-Identifier: MIT
// report: one finding as text for people.
#include "say.h"
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { FRAMES_SHOWN = 12, TEXT_MAX = 1024 };

const char *text_paint(const struct report *report, enum severity severity)
{
	static const char *const colors[] = {"\033[36m", "\033[33m", "\033[1;31m"};
	return report->color ? colors[severity] : "";
}

const char *text_plain(const struct report *report)
{
	return report->color ? "\033[0m" : "";
}

void text_row(FILE *stream, const char *label, const char *format, ...)
{
	va_list arguments;
	fprintf(stream, "    %-11s ", label);
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

void text_stack(const struct report *report, FILE *stream, const char *label, const struct told_stack *stack)
{
	size_t count = stack->count, most = report->verbose ? SIZE_MAX : FRAMES_SHOWN, shown = 0;
	if (!count) {
		text_row(stream, label, "(no stack was kept)");
		return;
	}
	while (!report->verbose && count > 1 && is_start_up(&stack->frames[count - 1]))
		count--;
	for (; shown < count && shown < most; shown++) {
		char text[TEXT_MAX];
		bool is_first = report->color && &stack->frames[shown] == told_first_frame(stack);
		say_frame(&stack->frames[shown], text, sizeof text);
		text_row(stream, shown ? "" : label, "%s %s%s%s", shown ? "by" : "at",
			 is_first ? "\033[1m" : "", text, is_first ? "\033[0m" : "");
	}
	if (shown < count)
		text_row(stream, "", "… %zu more: --verbose", count - shown);
	else if (stack->truncated || !stack->complete)
		text_row(stream, "", "… the rest of the stack could not be had");
}

static void say_size(uint64_t bytes, char *ret_text, size_t size)
{
	if (bytes >= 1 << 20)
		snprintf(ret_text, size, "%" PRIu64 " bytes (%.1f MiB)", bytes, (double)bytes / (1 << 20));
	else if (bytes >= 10 << 10)
		snprintf(ret_text, size, "%" PRIu64 " bytes (%.1f KiB)", bytes, (double)bytes / (1 << 10));
	else
		snprintf(ret_text, size, "%" PRIu64 " bytes", bytes);
}

/* Whether FINDING is about what stands at the end: others were found on the way, when the segment was another one. */
static bool is_of_the_end(enum finding_id id)
{
	switch (id) {
	case FINDING_SEGMENT_LEAK:
	case FINDING_SEGMENT_UNATTRIBUTED:
	case FINDING_SEGMENT_VANISHED:
	case FINDING_SEGMENT_PINNED:
	case FINDING_SEGMENT_HELD:
	case FINDING_LEFT_AT_TIMEOUT:
		return true;
	default:
		return false;
	}
}

static void put_identity(FILE *stream, const struct told_segment *segment, bool is_end)
{
	const struct segment *facts = &segment->facts;
	char key[24], size[64], path[TEXT_MAX];
	say_key(facts->key, key, sizeof key);
	say_size(facts->bytes, size, sizeof size);
	text_row(stream, "segment", "%s%s, shmid %d, %s, mode %04o%s", facts->key ? "key " : "", key,
		 facts->shmid, size, facts->mode & 0777,
		 is_end && facts->key && !facts->reach_key ? "; its key is gone" : "");
	if (segment->ftok_path) {
		say_escape(segment->ftok_path, strlen(segment->ftok_path), path, sizeof path);
		text_row(stream, "", "the key is ftok(\"%s\", %d)", path, facts->ftok_proj_id);
	}
}

static void put_fate(FILE *stream, const struct told_segment *segment)
{
	const struct segment *facts = &segment->facts;
	text_row(stream, "attached", "%" PRIu64 " time%s, detached %" PRIu64, facts->attaches,
		 facts->attaches == 1 ? "" : "s", facts->detaches);
	if (facts->removed)
		text_row(
		    stream, "removed", "by %s %d", facts->removal.flags & RECORD_PLANTED ? "rule" : "pid",
		    facts->removal.flags & RECORD_PLANTED ? (int)facts->removal.rule : facts->removal.pid);
	else if (facts->removal_attempts && segment->last_failed_removal.known)
		text_row(stream, "removal", "tried %" PRIu64 " time%s, last by pid %d: %s",
			 facts->removal_attempts, facts->removal_attempts == 1 ? "" : "s",
			 segment->last_failed_removal.pid, segment->last_failed_removal.text);
}

static void put_segment(const struct report *report, FILE *stream, const struct told_finding *finding)
{
	const struct told_segment *segment = &finding->segment;
	bool is_end = is_of_the_end(finding->id);
	put_identity(stream, segment, is_end);
	if (segment->creator && (is_end || !finding->offending.known))
		text_row(stream, "creator", "%s", segment->creator);
	if (segment->creation.known)
		text_stack(report, stream, "created", &segment->creation.stack);
	if (is_end)
		put_fate(stream, segment);
}

static void put_heading(const struct report *report, FILE *stream, const struct told_finding *finding)
{
	const struct finding_row *row = finding_row(finding->id);
	char detail[TEXT_MAX], size[64];
	fprintf(stream, "shmcheck: %s%s: %s%s: %s", text_paint(report, finding->severity),
		severity_name(finding->severity), row->name, text_plain(report), row->meaning);
	say_size(finding->bytes, size, sizeof size);
	if (finding->count > 1)
		fprintf(stream, " (%" PRIu64 " times%s%s)", finding->count, finding->bytes ? ", " : "",
			finding->bytes ? size : "");
	fputc('\n', stream);
	say_escape(finding->detail, strlen(finding->detail), detail, sizeof detail);
	if (detail[0])
		fprintf(stream, "    %s\n", detail);
}

static void put_after(const struct report *report, FILE *stream, const struct told_call *fault)
{
	char rule[32] = "";
	if (fault->rule)
		snprintf(rule, sizeof rule, ", by rule %u", fault->rule);
	text_row(stream, "after", "%s%s, in %s", fault->text, rule, fault->process);
	text_stack(report, stream, "", &fault->stack);
}

void text_finding(const struct report *report, const struct told_finding *finding, FILE *stream)
{
	put_heading(report, stream, finding);
	if (finding->offending.known) {
		text_row(stream, "call", "%s, pid %d", finding->offending.text, finding->offending.pid);
		text_stack(report, stream, "", &finding->offending.stack);
	}
	if (finding->has_segment)
		put_segment(report, stream, finding);
	bool is_shown = finding->offending.known && finding->after.known &&
			strcmp(finding->offending.text, finding->after.text) == 0;
	if (finding->after.known && !is_shown)
		put_after(report, stream, &finding->after);
	text_row(stream, "advice", "%s", finding_row(finding->id)->advice);
}

void text_crash_rows(const struct report *report, const struct told_crash *crash, FILE *stream)
{
	if (crash->has_address)
		text_row(stream, "crash", "%s %s at address %#" PRIx64, crash->process, crash->status,
			 crash->address);
	else
		text_row(stream, "crash", "%s %s", crash->process, crash->status);
	text_stack(report, stream, "", &crash->stack);
}

void text_crash(const struct report *report, const struct told_crash *crash, FILE *stream)
{
	char process[TEXT_MAX];
	say_escape(crash->process, strlen(crash->process), process, sizeof process);
	fprintf(stream, "shmcheck: crash: %s %s", process, crash->status);
	if (crash->has_address)
		fprintf(stream, " at address %#" PRIx64, crash->address);
	fputc('\n', stream);
	if (crash->stack.count || crash->tid)
		text_stack(report, stream, "", &crash->stack);
	else
		text_row(stream, "where", "not seen: with --crash the address and the stack are");
	for (size_t i = 0; i < crash->call_count; i++)
		text_row(stream, i ? "" : "last calls", "%s", crash->calls[i].text);
}
