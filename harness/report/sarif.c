// SPDX-License-Identifier: MIT
// report: SARIF 2.1.0, for code scanning: a result a finding, or a failed fault point or scenario.
#include "fingerprint.h"
#include "report.h"
#include "sarif_location.h"
#include "say.h"
#include "shown.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { RULE_MAX = 96 };

static json_t *message(const char *text)
{
	char *printable = say_printable(text);
	json_t *made = json_pack("{s:s}", "text", printable ? printable : "?");
	free(printable);
	return made;
}

/* SARIF's words for our severities are the same ones. */
static json_t *rule_to_json(const struct report_case *item, const char *id)
{
	const struct finding_row *row = item->kind == CASE_FINDING ? finding_row(item->findings[0].id) : NULL;
	json_t *rule = json_pack("{s:s,s:{s:s},s:{s:s}}", "id", id, "defaultConfiguration", "level",
				 severity_name(row ? row->severity : SEVERITY_ERROR), "shortDescription",
				 "text", row ? row->meaning : id);
	if (row)
		json_object_set_new(rule, "help", json_pack("{s:s}", "text", row->advice));
	return rule;
}

/* The place of ITEM's rule in RULES, added when it is new. */
static size_t rule_index(json_t *rules, const struct report_case *item)
{
	char id[RULE_MAX];
	size_t index;
	json_t *rule;
	case_rule(item, id, sizeof id);
	json_array_foreach(rules, index, rule) if (strcmp(json_string_value(json_object_get(rule, "id")),
							  id) == 0) return index;
	json_array_append_new(rules, rule_to_json(item, id));
	return json_array_size(rules) - 1;
}

static void add_stack(json_t *stacks, const char *label, const struct told_stack *stack)
{
	json_t *frames = json_array();
	for (size_t i = 0; i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];
		struct location place = {frame->file,   frame->line,     frame->function,
					 frame->object, frame->build_id, frame->offset};
		json_array_append_new(frames, json_pack("{s:o}", "location", sarif_location(&place)));
	}
	json_t *made = json_pack("{s:{s:s},s:o}", "message", "text", label, "frames", frames), *other;
	bool is_new = stack->count > 0;
	size_t index;
	json_array_foreach(stacks, index, other) is_new = is_new && !json_equal(made, other);
	if (is_new)
		json_array_append(stacks, made);
	json_decref(made);
}

static json_t *stacks_of(const struct report_case *item)
{
	json_t *stacks = json_array();
	for (size_t i = 0; i < item->crash_count; i++)
		add_stack(stacks, item->crashes[i].status, &item->crashes[i].stack);
	for (size_t i = 0; i < item->finding_count; i++) {
		const struct told_finding *finding = &item->findings[i];
		if (finding->offending.known)
			add_stack(stacks, finding->offending.text, &finding->offending.stack);
		if (finding->segment.creation.known)
			add_stack(stacks, finding->segment.creation.text, &finding->segment.creation.stack);
	}
	return stacks;
}

/* A finding that does not count is still a result: the reader is told why it does not. */
static void add_known(json_t *result, const struct report_case *item)
{
	const struct told_finding *first = item->finding_count ? &item->findings[0] : NULL;
	if (item->outcome != OUTCOME_SKIP)
		return;
	if (first && first->known == KNOWN_BASELINE) {
		json_object_set_new(result, "baselineState", json_string("unchanged"));
		return;
	}
	char *why = say_printable(item->known_why ? item->known_why : item->message ? item->message : "");
	json_object_set_new(result, "suppressions",
			    json_pack("[{s:s,s:s}]", "kind", "external", "justification", why ? why : ""));
	free(why);
}

/* "main@2 (ipcmk, pid 42)": who made the call, or else the segment. */
static void add_process(json_t *result, const struct report_case *item)
{
	const struct told_finding *first = item->finding_count ? &item->findings[0] : NULL;
	const char *process = !first                   ? NULL
			      : first->offending.known ? first->offending.process
						       : first->segment.creator;
	if (process)
		json_object_set_new(json_object_get(result, "properties"), "process", json_string(process));
}

static const char *level(const struct report_case *item)
{
	if (item->outcome == OUTCOME_INCONCLUSIVE)
		return "warning";
	return severity_name(item->kind == CASE_FINDING ? item->findings[0].severity : case_severity(item));
}

static json_t *result_to_json(const struct report *report, const struct report_case *item, json_t *rules,
			      json_int_t count)
{
	char id[RULE_MAX], fingerprint[FINGERPRINT_TEXT], *line = shell_line(case_reproduce(report, item));
	struct location location = case_location(item);
	size_t index = rule_index(rules, item);
	case_rule(item, id, sizeof id);
	fingerprint_print(item->fingerprint, fingerprint);
	if (!location.file && !location.object)
		location.object = report->program ? report->program[0] : item->group;
	json_t *result = json_pack(
	    "{s:s,s:I,s:s,s:o,s:[o],s:{s:s},s:I,s:{s:s,s:s}}", "ruleId", id, "ruleIndex", (json_int_t)index,
	    "level", level(item), "message", message(item->message ? item->message : item->verdict),
	    "locations", sarif_location(&location), "partialFingerprints", "shmcheck/v1", fingerprint,
	    "occurrenceCount", count, "properties", "case", "", "reproduce", line ? line : "");
	char *name = case_name(item);
	json_object_set_new(json_object_get(result, "properties"), "case", json_string(name ? name : "?"));
	add_process(result, item);
	json_t *stacks = stacks_of(item);
	if (json_array_size(stacks))
		json_object_set(result, "stacks", stacks);
	json_decref(stacks);
	add_known(result, item);
	free(name);
	free(line);
	return result;
}

static bool is_result(const struct report *report, const struct report_case *item)
{
	if (item->kind == CASE_FINDING)
		return case_is_shown(report, item);
	return item->kind != CASE_RUN && (item->outcome == OUTCOME_FAIL || item->finding_count);
}

static json_t *invocation(const struct report *report)
{
	json_t *notes = json_array();
	for (size_t i = 0; i < report->doubt_count; i++)
		json_array_append_new(
		    notes, json_pack("{s:s,s:o}", "level", "warning", "message", message(report->doubts[i])));
	if (report->untried) {
		char text[96];
		snprintf(text, sizeof text, "incomplete: %zu of %zu were not tried before it ended",
			 report->untried, report->count);
		json_array_append_new(notes,
				      json_pack("{s:s,s:o}", "level", "note", "message", message(text)));
	}
	json_t *made = json_pack("{s:b,s:o}", "executionSuccessful", report->doubt_count == 0,
				 "toolExecutionNotifications", notes);
	char *line = shell_line(report->reproduce);
	if (line && *line)
		json_object_set_new(made, "commandLine", json_string(line));
	free(line);
	return made;
}

int report_sarif(const struct report *report, FILE *stream)
{
	json_t *rules = json_array(), *results = json_array();
	for (size_t i = 0; i < report->count; i++) {
		size_t count = is_result(report, &report->cases[i]) ? case_like(report, i) : 0;
		if (count)
			json_array_append_new(
			    results, result_to_json(report, &report->cases[i], rules, (json_int_t)count));
	}
	char category[64];
	snprintf(category, sizeof category, "shmcheck/%s/", report->command);
	json_t *log = json_pack("{s:s,s:s,s:[{s:{s:{s:s,s:s,s:o}},s:{s:s},s:s,s:[o],s:o}]}", "$schema",
				"https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
				"tool", "driver", "name", "shmcheck", "version", SHMCHECK_VERSION, "rules",
				rules, "automationDetails", "id", category, "columnKind", "utf16CodeUnits",
				"invocations", invocation(report), "results", results);
	int code = log && json_dumpf(log, stream, JSON_INDENT(1)) == 0 ? 0 : -EIO;
	fputc('\n', stream);
	json_decref(log);
	fflush(stream);
	return ferror(stream) ? -EIO : code;
}
