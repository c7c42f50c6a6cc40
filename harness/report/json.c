// SPDX-License-Identifier: MIT
// report: one JSON object a line; share/shmcheck-report.schema.json is the contract.
#include "fingerprint.h"
#include "json_parts.h"
#include "json_run.h"
#include "known.h"
#include "report.h"
#include "rules_told.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static json_t *finding_to_json(const struct report_case *item, const struct told_finding *finding,
			       const char *const *reproduce)
{
	const struct finding_row *row = finding_row(finding->id);
	const char *const *argv = item->reproduce ? item->reproduce : reproduce;
	char fingerprint[FINGERPRINT_TEXT];
	fingerprint_print(finding->fingerprint, fingerprint);
	json_t *made = json_pack(
	    "{s:s,s:i,s:s,s:s,s:s,s:o,s:s,s:I,s:o,s:o,s:o,s:s,s:s?,s:o,s:o,s:o}", "type", "finding",
	    "version", JSON_VERSION, "id", row->name, "severity", severity_name(finding->severity), "meaning",
	    row->meaning, "detail", json_text(finding->detail), "advice", row->advice, "count",
	    (json_int_t)finding->count, "segment",
	    finding->has_segment ? json_segment(&finding->segment) : json_null(), "offending",
	    json_call(&finding->offending), "after", json_call(&finding->after), "fingerprint", fingerprint,
	    "known", known_name(finding->known), "known_why", json_text(finding->known_why), "reproduce",
	    json_argv(argv), "shell", json_shell_line(argv));
	if (item->kind != CASE_FINDING)
		json_object_set_new(made, "case", json_text(item->name));
	return made;
}

/* A case that is no finding itself: a fault point, a scenario. */
static json_t *case_to_json(const struct report_case *item, const char *const *reproduce)
{
	const char *const *argv = item->reproduce ? item->reproduce : reproduce;
	json_t *ids = json_array();
	for (size_t i = 0; i < item->finding_count; i++)
		json_array_append_new(ids, json_string(finding_row(item->findings[i].id)->name));
	json_t *made =
	    json_pack("{s:s,s:i,s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "type",
		      item->kind == CASE_POINT ? "point" : "scenario", "version", JSON_VERSION, "id",
		      json_text(item->name), "group", json_text(item->group), "verdict", item->verdict,
		      "outcome", outcome_name(item->outcome), "message", json_text(item->message), "seconds",
		      item->seconds < 0 ? json_null() : json_real(item->seconds), "findings", ids,
		      "reproduce", json_argv(argv), "shell", json_shell_line(argv));
	char cause[FINGERPRINT_TEXT];
	fingerprint_print(item->fingerprint, cause);
	json_object_set_new(made, "cause", item->fingerprint ? json_string(cause) : json_null());
	json_object_set_new(made, "known_why", json_text(item->known_why));
	if (item->members)
		json_object_update(made, item->members);
	return made;
}

/* What only a single run has. */
static json_t *run_to_json(const struct report *report)
{
	const struct evidence *evidence = report->evidence;
	struct ledger_totals totals = ledger_totals(report->ledger);
	json_t *hints = json_array();
	for (size_t i = 0; i < evidence->hint_count; i++)
		json_array_append_new(hints, json_text(evidence->hints[i]));
	return json_pack("{s:o,s:o,s:b,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "hints", hints, "status",
			 evidence->plain_preload ? json_null() : json_status(evidence->program_status),
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
		json_array_append_new(doubts, json_text(report->doubts[i]));
	json_t *made =
	    json_pack("{s:s,s:i,s:s,s:s,s:I,s:I,s:I,s:o}", "type", "summary", "version", JSON_VERSION,
		      "command", report->command, "verdict", verdict_name(report_verdict(report)), "errors",
		      (json_int_t)report_findings(report, SEVERITY_ERROR), "warnings",
		      (json_int_t)report_findings(report, SEVERITY_WARNING), "notes",
		      (json_int_t)report_findings(report, SEVERITY_NOTE), "doubts", doubts);
	if (report->evidence) {
		made = json_merge(made, run_to_json(report));
		json_object_set_new(made, "seed", rules_seed(report->evidence->plan));
	}
	json_t *known = report->known ? known_to_json(report->known) : NULL;
	if (report->known)
		made = json_merge(made, known);
	json_object_set_new(made, "known", json_integer((json_int_t)known_count(report)));
	if (report->summary)
		json_object_update(made, report->summary);
	return made;
}

static int put_case(const struct report *report, const struct report_case *item, FILE *stream)
{
	int code = 0;
	if (item->kind == CASE_POINT || item->kind == CASE_SCENARIO)
		code = json_put(case_to_json(item, report->reproduce), stream);
	for (size_t i = 0; item->owns_crashes && i < item->crash_count; i++) {
		json_t *crash = json_crash(&item->crashes[i]);
		json_object_set_new(crash, "case", json_text(item->name));
		int put = json_put(crash, stream);
		code = code ? code : put;
	}
	for (size_t i = 0; i < item->finding_count; i++) {
		const struct told_finding *finding = &item->findings[i];
		if (finding->severity < report->show || finding->owner != item)
			continue;
		int put = json_put(finding_to_json(item, finding, report->reproduce), stream);
		code = code ? code : put;
	}
	return code;
}

int report_json(const struct report *report, FILE *stream)
{
	int code = report->books ? json_run_put(report, stream) : 0;
	for (size_t i = 0; i < report->count; i++) {
		int put = put_case(report, &report->cases[i], stream);
		code = code ? code : put;
	}
	int put = json_put(summary_to_json(report), stream);
	fflush(stream);
	return ferror(stream) ? -EIO : code ? code : put;
}
