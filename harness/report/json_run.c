// SPDX-License-Identifier: MIT
// report: JSON: what only a single run has: its events, segments and rules.
#include "json_run.h"

#include "harness/analyze/plan_findings.h"
#include "harness/error.h"
#include "harness/log/log.h"
#include "json_parts.h"

#include <errno.h>

/* A renderer at work: what the visitors below need. */
struct putting {
	const struct report *report;
	FILE *stream;
};

/* The kernel's table says what is left; without one, the books. */
static void settle(const struct evidence *evidence, struct segment *segment)
{
	const struct kernel_segment *after = kernel_table_find(&evidence->after, segment->shmid);
	bool is_there = after && !(after->mode & SEGMENT_DEST);
	segment->left = evidence->plain_preload ? !segment->removed : is_there;
	segment->reach_key = segment->left && segment->key != 0;
}

static int put_segment(void *context, const struct segment *segment)
{
	const struct putting *putting = context;
	struct keep keep = {0};
	struct told_segment told = {0};
	struct segment facts = *segment;
	settle(putting->report->evidence, &facts);
	told_segment_make(putting->report->books, &facts, &keep, &told);
	json_t *object = json_merge(json_object_of("segment"), json_segment(&told));
	int code = keep.no_memory ? -ENOMEM : 0;
	int put = json_put(object, putting->stream);
	keep_free(&keep);
	return code ? code : put;
}

static int put_rules(const struct report *report, FILE *stream)
{
	int code = 0;
	struct rule_count count;
	for (uint32_t i = 0; plan_rule_count(report->evidence->plan, i, &count); i++) {
		json_t *object =
		    json_merge(json_object_of("rule"),
			       json_pack("{s:i,s:o,s:o,s:I,s:I,s:s}", "number", (int)i + 1, "text",
					 json_text(count.text), "name",
					 *count.name ? json_text(count.name) : json_null(), "matches",
					 (json_int_t)count.matches, "hits", (json_int_t)count.hits, "expect",
					 count.expect_hit ? "hit" : "any"));
		int put = json_put(object, stream);
		code = code ? code : put;
	}
	return code;
}

static int put_crashes(const struct report *report, FILE *stream)
{
	int code = 0;
	for (size_t i = 0; i < report->crash_count; i++) {
		int put = json_put(json_crash(&report->crashes[i]), stream);
		code = code ? code : put;
	}
	return code;
}

static int put_event(void *context, const struct record *record)
{
	const struct putting *putting = context;
	return json_put(json_event(putting->report, record), putting->stream);
}

static int put_events(const struct report *report, FILE *stream)
{
	struct putting putting = {report, stream};
	struct log_content content = {0};
	char why[256];
	int code = log_read(report->events_log, put_event, &putting, &content, why);
	if (code)
		error_print("cannot list the events: '%s': %s", report->events_log, why);
	log_content_free(&content);
	return code;
}

int json_run_put(const struct report *report, FILE *stream)
{
	struct putting putting = {report, stream};
	int code = report->events_log ? put_events(report, stream) : 0;
	int listed = ledger_segments(report->ledger, put_segment, &putting);
	int rules = report->evidence->plan ? put_rules(report, stream) : 0;
	int crashes = put_crashes(report, stream);
	return code ? code : listed ? listed : rules ? rules : crashes;
}
