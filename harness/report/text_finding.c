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

/* "  label:    text" */
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
		say_frame(&stack->frames[shown], text, sizeof text);
		text_row(stream, shown ? "" : label, "%s %s", shown ? "by" : "at", text);
	}
	if (shown < count)
		text_row(stream, "", "… %zu more: --verbose", count - shown);
	else if (stack->truncated || !stack->complete)
		text_row(stream, "", "… the rest of the stack could not be had");
}

static void put_key(FILE *stream, const struct told_segment *segment)
{
	char key[24], path[TEXT_MAX];
	say_key(segment->facts.key, key, sizeof key);
	if (segment->ftok_path) {
		say_escape(segment->ftok_path, strlen(segment->ftok_path), path, sizeof path);
		text_row(stream, "key", "%s, from ftok(\"%s\", %d)", key, path, segment->facts.ftok_proj_id);
	} else {
		text_row(stream, "key", "%s%s", key,
			 segment->facts.reach_key ? ""
			 : segment->facts.key     ? " (no longer reachable by it)"
						  : "");
	}
}

static void put_removal(FILE *stream, const struct told_segment *segment)
{
	uint64_t attempts = segment->facts.removal_attempts;
	if (segment->facts.removed)
		text_row(stream, "removed", "by pid %d", segment->facts.removal.pid);
	else if (attempts && segment->last_failed_removal.known)
		text_row(stream, "removal", "tried %" PRIu64 " time%s, last by pid %d: %s", attempts,
			 attempts == 1 ? "" : "s", segment->last_failed_removal.pid,
			 segment->last_failed_removal.text);
	else
		text_row(stream, "removal", "IPC_RMID was never called on it");
}

static void put_size(FILE *stream, uint64_t bytes)
{
	if (bytes >= 10 << 20)
		text_row(stream, "bytes", "%" PRIu64 " (%.1f MiB)", bytes, (double)bytes / (1 << 20));
	else if (bytes >= 10 << 10)
		text_row(stream, "bytes", "%" PRIu64 " (%.1f KiB)", bytes, (double)bytes / (1 << 10));
	else
		text_row(stream, "bytes", "%" PRIu64, bytes);
}

static void put_segment(const struct report *report, FILE *stream, const struct told_segment *segment)
{
	const struct segment *facts = &segment->facts;
	put_key(stream, segment);
	text_row(stream, "shmid", "%d", facts->shmid);
	put_size(stream, facts->bytes);
	text_row(stream, "mode", "%04o", facts->mode & 0777);
	if (segment->creator)
		text_row(stream, "creator", "%s", segment->creator);
	if (segment->creation.known)
		text_stack(report, stream, "created", &segment->creation.stack);
	text_row(stream, "attached", "%" PRIu64 " time%s, detached %" PRIu64, facts->attaches,
		 facts->attaches == 1 ? "" : "s", facts->detaches);
	put_removal(stream, segment);
}

void text_finding(const struct report *report, const struct told_finding *finding, FILE *stream)
{
	const struct finding_row *row = finding_row(finding->id);
	char detail[TEXT_MAX];
	say_escape(finding->detail, strlen(finding->detail), detail, sizeof detail);
	fprintf(stream, "shmcheck: %s%s: %s%s: %s%s%s", text_paint(report, finding->severity),
		severity_name(finding->severity), row->name, text_plain(report), row->meaning,
		detail[0] ? ": " : "", detail);
	if (finding->count > 1)
		fprintf(stream, " (%" PRIu64 " times)", finding->count);
	fputc('\n', stream);
	if (finding->offending.known) {
		text_row(stream, "call", "%s, pid %d", finding->offending.text, finding->offending.pid);
		text_stack(report, stream, "", &finding->offending.stack);
	}
	if (finding->has_segment)
		put_segment(report, stream, &finding->segment);
	if (finding->after.known) {
		text_row(stream, "after", "%s, pid %d", finding->after.text, finding->after.pid);
		text_stack(report, stream, "", &finding->after.stack);
	}
	text_row(stream, "advice", "%s", row->advice);
}

void text_crash(const struct report *report, const struct told_crash *crash, FILE *stream)
{
	char process[TEXT_MAX];
	say_escape(crash->process, strlen(crash->process), process, sizeof process);
	fprintf(stream, "shmcheck: crash: %s %s", process, crash->status);
	if (crash->has_address)
		fprintf(stream, " at address %#" PRIx64, crash->address);
	fputc('\n', stream);
	text_stack(report, stream, "", &crash->stack);
}
