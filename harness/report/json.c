// SPDX-License-Identifier: MIT
// report: one JSON object a line; docs/shmcheck.schema.json is the contract.
#include "report.h"
#include "say.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { JSON_VERSION = 1 };

static json_t *text(const char *bytes, size_t length)
{
	char *escaped = malloc(4 * length + 8);
	if (!escaped)
		return json_null();
	say_escape(bytes, length, escaped, 4 * length + 8);
	json_t *made = json_string(escaped);
	free(escaped);
	return made;
}

static json_t *maybe_text(const char *bytes)
{
	return bytes ? text(bytes, strlen(bytes)) : json_null();
}

static json_t *stack_to_json(const struct report *report, uint32_t ref)
{
	const struct stack *stack = stacks_get(report->stacks, ref);
	json_t *frames = json_array();
	for (size_t i = 0; stack && i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];
		json_array_append_new(frames,
				      json_pack("{s:o,s:o,s:i,s:o,s:o,s:I,s:b}", "function",
						maybe_text(frame->function), "file", maybe_text(frame->file),
						"line", frame->line, "object", maybe_text(frame->object),
						"build_id", maybe_text(frame->build_id), "offset",
						(json_int_t)frame->offset, "inlined", frame->inlined));
	}
	return json_pack("{s:b,s:o}", "complete", stack && stack->complete, "frames", frames);
}

static json_t *call_to_json(const struct report *report, const struct record *record)
{
	char words[SAY_MAX];
	if (record->state == RECORD_FREE)
		return json_null();
	say_call(record, words, sizeof words);
	return json_pack("{s:s,s:i,s:i,s:b,s:b,s:i,s:o}", "call", words, "pid", record->pid, "tid",
			 record->tid, "injected", (record->flags & RECORD_INJECTED) != 0, "world",
			 (record->flags & RECORD_WORLD) != 0, "errno", record->error, "stack",
			 stack_to_json(report, record->stack));
}

static json_t *segment_to_json(const struct report *report, const struct segment *segment)
{
	size_t length = 0;
	const char *path = report_string(report, segment->ftok_text, &length);
	json_t *made =
	    json_pack("{s:i,s:i,s:I,s:i,s:b,s:b,s:b,s:s,s:i,s:I,s:I,s:I}", "shmid", segment->shmid, "key",
		      segment->key, "bytes", (json_int_t)segment->bytes, "mode", (int)(segment->mode & 0777),
		      "created", segment->created, "removed", segment->removed, "left", segment->left,
		      "reach", segment->reach_key ? "key" : "none", "creator_pid", segment->creator_pid,
		      "attaches", (json_int_t)segment->attaches, "detaches", (json_int_t)segment->detaches,
		      "removal_attempts", (json_int_t)segment->removal_attempts);
	json_object_set_new(made, "ftok_path", path ? text(path, length) : json_null());
	json_object_set_new(made, "creation", call_to_json(report, &segment->creation));
	return made;
}

static json_t *reproduction(const struct report *report)
{
	json_t *argv = json_pack("[s,s,s]", "shmcheck", "run", "--");
	for (char **word = report->evidence->argv; word && *word; word++)
		json_array_append_new(argv, text(*word, strlen(*word)));
	return argv;
}

static json_t *finding_to_json(const struct report *report, const struct finding *finding)
{
	const struct finding_row *row = finding_row(finding->id);
	return json_pack(
	    "{s:s,s:i,s:s,s:s,s:s,s:o,s:s,s:I,s:o,s:o,s:o}", "type", "finding", "version", JSON_VERSION, "id",
	    row->name, "severity", severity_name(finding->severity), "meaning", row->meaning, "detail",
	    text(finding->detail, strlen(finding->detail)), "advice", row->advice, "count",
	    (json_int_t)(finding->count ? finding->count : 1), "segment",
	    finding->has_segment ? segment_to_json(report, &finding->segment) : json_null(), "offending",
	    call_to_json(report, &finding->offending), "reproduce", reproduction(report));
}

static json_t *status_to_json(int status)
{
	if (WIFSIGNALED(status))
		return json_pack("{s:i}", "signal", WTERMSIG(status));
	return json_pack("{s:i}", "exit", WEXITSTATUS(status));
}

static json_t *summary_to_json(const struct report *report)
{
	const struct evidence *evidence = report->evidence;
	const struct findings *findings = report->findings;
	struct ledger_totals totals = ledger_totals(report->ledger);
	json_t *doubts = json_array();
	for (size_t i = 0; i < evidence->doubt_count; i++)
		json_array_append_new(doubts, text(evidence->doubts[i], strlen(evidence->doubts[i])));
	return json_pack(
	    "{s:s,s:i,s:s,s:o,s:b,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "type", "summary",
	    "version", JSON_VERSION, "verdict", verdict_name(report_verdict(report)), "status",
	    status_to_json(evidence->program_status), "timed_out", evidence->timed_out, "isolation",
	    evidence->isolation == ISOLATION_PRIVATE ? "ipc" : "none", "errors",
	    (json_int_t)findings_count(findings, SEVERITY_ERROR), "warnings",
	    (json_int_t)findings_count(findings, SEVERITY_WARNING), "notes",
	    (json_int_t)findings_count(findings, SEVERITY_NOTE), "events", (json_int_t)evidence->events,
	    "lost_events", (json_int_t)evidence->lost_events, "segments_created",
	    (json_int_t)totals.segments_created, "segments_removed", (json_int_t)totals.segments_removed,
	    "attaches", (json_int_t)totals.attaches, "detaches", (json_int_t)totals.detaches, "failed_calls",
	    (json_int_t)totals.failed_calls, "processes", (json_int_t)totals.processes, "doubts", doubts);
}

static void put(json_t *object, FILE *stream)
{
	if (object && json_dumpf(object, stream, JSON_COMPACT) == 0)
		fputc('\n', stream);
	json_decref(object);
}

int report_json(const struct report *report, FILE *stream)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (report->findings->list[i].severity >= report->show)
			put(finding_to_json(report, &report->findings->list[i]), stream);
	put(summary_to_json(report), stream);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}
