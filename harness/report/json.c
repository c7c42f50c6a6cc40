// SPDX-License-Identifier: MIT
// report: one JSON object a line; docs/shmcheck.schema.json is the contract.
#include "fingerprint.h"
#include "known.h"
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

static json_t *stack_to_json(const struct told_stack *stack)
{
	json_t *frames = json_array();
	for (size_t i = 0; i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];
		json_array_append_new(frames,
				      json_pack("{s:o,s:o,s:i,s:o,s:o,s:I,s:b}", "function",
						maybe_text(frame->function), "file", maybe_text(frame->file),
						"line", frame->line, "object", maybe_text(frame->object),
						"build_id", maybe_text(frame->build_id), "offset",
						(json_int_t)frame->offset, "inlined", frame->inlined));
	}
	return json_pack("{s:b,s:o}", "complete", stack->complete, "frames", frames);
}

static json_t *call_to_json(const struct told_call *call)
{
	if (!call->known)
		return json_null();
	return json_pack("{s:o,s:i,s:i,s:b,s:b,s:i,s:o}", "call", maybe_text(call->text), "pid", call->pid,
			 "tid", call->tid, "injected", call->injected, "world", call->world, "errno",
			 call->error, "stack", stack_to_json(&call->stack));
}

static json_t *segment_to_json(const struct told_segment *told)
{
	const struct segment *segment = &told->facts;
	return json_pack("{s:i,s:i,s:I,s:i,s:b,s:b,s:b,s:s,s:i,s:I,s:I,s:I,s:o,s:o}", "shmid", segment->shmid,
			 "key", segment->key, "bytes", (json_int_t)segment->bytes, "mode",
			 (int)(segment->mode & 0777), "created", segment->created, "removed",
			 segment->removed, "left", segment->left, "reach",
			 segment->reach_key ? "key" : "none", "creator_pid", segment->creator_pid, "attaches",
			 (json_int_t)segment->attaches, "detaches", (json_int_t)segment->detaches,
			 "removal_attempts", (json_int_t)segment->removal_attempts, "ftok_path",
			 maybe_text(told->ftok_path), "creation", call_to_json(&told->creation));
}

static json_t *argv_to_json(const char *const *words)
{
	json_t *argv = json_array();
	for (; words && *words; words++)
		json_array_append_new(argv, maybe_text(*words));
	return argv;
}

static json_t *finding_to_json(const struct report_case *item, const struct told_finding *finding,
			       const char *const *reproduce)
{
	const struct finding_row *row = finding_row(finding->id);
	char fingerprint[FINGERPRINT_TEXT];
	fingerprint_print(finding->fingerprint, fingerprint);
	json_t *made =
	    json_pack("{s:s,s:i,s:s,s:s,s:s,s:o,s:s,s:I,s:o,s:o,s:s,s:s?,s:o,s:o}", "type", "finding",
		      "version", JSON_VERSION, "id", row->name, "severity", severity_name(finding->severity),
		      "meaning", row->meaning, "detail", maybe_text(finding->detail), "advice", row->advice,
		      "count", (json_int_t)finding->count, "segment",
		      finding->has_segment ? segment_to_json(&finding->segment) : json_null(), "offending",
		      call_to_json(&finding->offending), "fingerprint", fingerprint, "known",
		      known_name(finding->known), "known_why", maybe_text(finding->known_why), "reproduce",
		      argv_to_json(item->reproduce ? item->reproduce : reproduce));
	if (item->kind != CASE_FINDING)
		json_object_set_new(made, "case", maybe_text(item->name));
	return made;
}

/* A case that is no finding itself: a fault point, a scenario. */
static json_t *case_to_json(const struct report_case *item, const char *const *reproduce)
{
	json_t *ids = json_array();
	for (size_t i = 0; i < item->finding_count; i++)
		json_array_append_new(ids, json_string(finding_row(item->findings[i].id)->name));
	json_t *made = json_pack("{s:s,s:i,s:o,s:o,s:s,s:s,s:o,s:f,s:o,s:o}", "type",
				 item->kind == CASE_POINT ? "point" : "scenario", "version", JSON_VERSION,
				 "id", maybe_text(item->name), "group", maybe_text(item->group), "verdict",
				 item->verdict, "outcome", outcome_name(item->outcome), "message",
				 maybe_text(item->message), "seconds", item->seconds, "findings", ids,
				 "reproduce", argv_to_json(item->reproduce ? item->reproduce : reproduce));
	if (item->members)
		json_object_update(made, item->members);
	return made;
}

static json_t *status_to_json(const struct evidence *evidence)
{
	int status = evidence->program_status;
	if (evidence->plain_preload)
		return json_null(); /* nobody waited for it */
	if (WIFSIGNALED(status))
		return json_pack("{s:i}", "signal", WTERMSIG(status));
	return json_pack("{s:i}", "exit", WEXITSTATUS(status));
}

/* What only a single run has. */
static json_t *run_to_json(const struct report *report)
{
	const struct evidence *evidence = report->evidence;
	struct ledger_totals totals = ledger_totals(report->ledger);
	return json_pack("{s:o,s:b,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "status", status_to_json(evidence),
			 "timed_out", evidence->timed_out, "isolation",
			 evidence->isolation == ISOLATION_PRIVATE ? "ipc" : "none", "events",
			 (json_int_t)evidence->events, "lost_events", (json_int_t)evidence->lost_events,
			 "segments_created", (json_int_t)totals.segments_created, "segments_removed",
			 (json_int_t)totals.segments_removed, "attaches", (json_int_t)totals.attaches,
			 "detaches", (json_int_t)totals.detaches, "failed_calls",
			 (json_int_t)totals.failed_calls, "processes", (json_int_t)totals.processes);
}

static json_t *summary_to_json(const struct report *report)
{
	json_t *doubts = json_array();
	for (size_t i = 0; i < report->doubt_count; i++)
		json_array_append_new(doubts, maybe_text(report->doubts[i]));
	json_t *made =
	    json_pack("{s:s,s:i,s:s,s:s,s:I,s:I,s:I,s:o}", "type", "summary", "version", JSON_VERSION,
		      "command", report->command, "verdict", verdict_name(report_verdict(report)), "errors",
		      (json_int_t)report_findings(report, SEVERITY_ERROR), "warnings",
		      (json_int_t)report_findings(report, SEVERITY_WARNING), "notes",
		      (json_int_t)report_findings(report, SEVERITY_NOTE), "doubts", doubts);
	json_t *run = report->evidence ? run_to_json(report) : NULL;
	if (run)
		json_object_update_new(made, run);
	json_t *known = report->known ? known_to_json(report->known) : NULL;
	if (known)
		json_object_update_new(made, known);
	json_object_set_new(made, "known", json_integer((json_int_t)known_count(report)));
	if (report->summary)
		json_object_update(made, report->summary);
	return made;
}

static void put(json_t *object, FILE *stream)
{
	if (object && json_dumpf(object, stream, JSON_COMPACT) == 0)
		fputc('\n', stream);
	json_decref(object);
}

int report_json(const struct report *report, FILE *stream)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct report_case *item = &report->cases[i];
		if (item->kind == CASE_POINT || item->kind == CASE_SCENARIO)
			put(case_to_json(item, report->reproduce), stream);
		for (size_t k = 0; k < item->finding_count; k++)
			if (item->findings[k].severity >= report->show)
				put(finding_to_json(item, &item->findings[k], report->reproduce), stream);
	}
	put(summary_to_json(report), stream);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}
