// SPDX-License-Identifier: MIT
// scenario: what became of scenarios, as a report.
#include "tell.h"

#include "harness/explore/replay.h"
#include "harness/report/say.h"
#include "harness/report/shown.h"
#include "harness/report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1024 };

static json_t *found_to_json(const struct run_result *result)
{
	json_t *found = json_object();
	for (int id = 0; id < FINDING_COUNT; id++)
		if (result->found[id])
			json_object_set_new(found, finding_row((enum finding_id)id)->name,
					    json_integer((json_int_t)result->found[id]));
	return found;
}

static json_t *members(const struct task *task)
{
	const struct scenario *scenario = task->ready->play.scenario;
	json_t *tags = json_array(), *processes = json_array();
	for (unsigned i = 0; i < scenario->tags_count; i++)
		json_array_append_new(tags, json_string(scenario->tags[i]));
	for (size_t i = 0; i < task->ready->parts->count; i++)
		json_array_append_new(processes, json_string(task->ready->parts->list[i].role));
	return json_pack(
	    "{s:o,s:o,s:i,s:i,s:o,s:I,s:I,s:I}", "tags", tags, "processes", processes, "runs",
	    (int)task->runs, "wanted_runs", (int)task->wanted, "found", found_to_json(&task->result),
	    "segments_left", (json_int_t)task->result.segments_left, "explored",
	    (json_int_t)task->result.explored, "not_explored", (json_int_t)task->result.not_explored);
}

/* The findings that were not expected, with all that is known of them. */
static int tell_findings(struct report *report, const struct task *task, struct report_case *item)
{
	struct replay replay;
	struct stacks *stacks = NULL;
	int code = task->log < 0 ? -ENODATA : replay_open(task->log, 0, &stacks, &replay);
	if (code)
		stacks_free(stacks);
	if (code)
		return code == -ENOMEM ? code : 0; /* the details say what there is to say */
	struct books books = {replay.ledger, replay.stacks, replay.content.arena, replay.content.arena_size};
	item->findings = keep_bytes(&report->keep, (replay.findings.count + 1) * sizeof *item->findings);
	for (size_t i = 0; item->findings && i < replay.findings.count; i++)
		if (task->result.is_unexpected[replay.findings.list[i].id])
			told_make(&books, &replay.findings.list[i], &report->keep,
				  &item->findings[item->finding_count++]);
	replay_close(&replay);
	stacks_free(stacks);
	return item->findings ? 0 : -ENOMEM;
}

static void say_how(struct report *report, const struct task *task, bool skips_fail, struct report_case *item)
{
	const char *skip = task->ready->skip;
	if (skip || !task->is_over) {
		item->outcome = skip && skips_fail ? OUTCOME_FAIL : OUTCOME_SKIP;
		item->verdict = skip ? "skipped" : "interrupted";
		item->message = skip ? skip : "it was not run to its end";
		return;
	}
	item->outcome = task->result.outcome;
	item->verdict = item->outcome == OUTCOME_PASS   ? "passed"
			: item->outcome == OUTCOME_FAIL ? "failed"
							: "inconclusive";
	item->seconds = (double)task->duration_ns / 1e9;
	item->is_explained = item->outcome == OUTCOME_FAIL && !task->result.is_beyond;
	const char *details = task->result.details;
	if (!*details && task->result.not_explored)
		item->message =
		    keep_print(&report->keep, "its budget was for %" PRIu64 " of %" PRIu64 " fault points",
			       task->result.explored, task->result.explored + task->result.not_explored);
	if (!*details)
		return;
	item->message = keep_copy(&report->keep, details, strcspn(details, "\n"));
	item->output = keep_string(&report->keep, details);
	if (task->wanted > 1)
		item->output =
		    keep_print(&report->keep, "%srun %u of %u\n", details, task->runs, task->wanted);
}

/* The command that runs it again. */
static const char *const *reproduction(struct report *report, const struct task *task,
				       const char *const *programs)
{
	enum { FOLDERS = 16, WORDS = FOLDERS + 5 };
	const char *argv[WORDS] = {"shmcheck", "scenario"};
	const char *point = task->ready->play.scenario->explore ? task->ready->explore.point : NULL;
	size_t count = 2;
	for (; *programs && count < WORDS - 3; programs++)
		argv[count++] = keep_print(&report->keep, "--programs=%s", *programs);
	if (point)
		argv[count++] = keep_print(&report->keep, "--point=%s", point);
	argv[count] = task->ready->play.script->path;
	return keep_argv(&report->keep, argv);
}

int tell_task(struct report *report, const struct task *task, const char *const *programs, bool skips_fail)
{
	struct report_case *item = report_add(report);
	const struct play *play = &task->ready->play;
	if (!item)
		return -ENOMEM;
	item->kind = CASE_SCENARIO;
	item->name = keep_string(&report->keep, play->label);
	item->group = keep_string(&report->keep, play->script->path);
	item->reproduce = reproduction(report, task, programs);
	item->location.file = item->group;
	item->location.line = 1;
	item->members = members(task);
	say_how(report, task, skips_fail, item);
	return item->outcome == OUTCOME_FAIL && !task->ready->skip ? tell_findings(report, task, item) : 0;
}

static void put_details(const struct report *report, const struct report_case *item, FILE *stream)
{
	char line[TEXT_MAX];
	for (const char *next = item->output; next && *next;) {
		size_t length = strcspn(next, "\n");
		say_escape(next, length, line, sizeof line);
		fprintf(stream, "      %s\n", line);
		next += length + (next[length] == '\n');
	}
	for (size_t i = 0; i < item->finding_count; i++)
		if (item->findings[i].severity >= report->show && item->findings[i].known == KNOWN_NOT)
			text_finding(report, &item->findings[i], stream);
	char *again = shell_line(item->reproduce);
	fprintf(stream, "      again: %s\n", again ? again : "");
	free(again);
}

static void put_case(const struct report *report, const struct report_case *item, FILE *stream)
{
	static const char *const words[] = {[OUTCOME_PASS] = "ok  ",
					    [OUTCOME_FAIL] = "FAIL",
					    [OUTCOME_SKIP] = "skip",
					    [OUTCOME_INCONCLUSIVE] = "??? "};
	char name[TEXT_MAX], group[TEXT_MAX], message[TEXT_MAX] = "";
	bool is_bad = item->outcome == OUTCOME_FAIL || item->outcome == OUTCOME_INCONCLUSIVE;
	if (report->quiet && item->outcome == OUTCOME_PASS)
		return;
	say_escape(item->name, strlen(item->name), name, sizeof name);
	say_escape(item->group, strlen(item->group), group, sizeof group);
	if (item->message && (item->outcome == OUTCOME_SKIP || !item->output))
		say_escape(item->message, strlen(item->message), message, sizeof message);
	fprintf(stream, "%s%s%s  %s", is_bad ? text_paint(report, SEVERITY_ERROR) : "", words[item->outcome],
		is_bad ? text_plain(report) : "", name);
	if (item->seconds >= 0)
		fprintf(stream, " (%.0f ms)", item->seconds * 1000);
	fprintf(stream, "%s%s%s%s\n", message[0] ? ": " : "", message, is_bad ? "  " : "",
		is_bad ? group : "");
	if (is_bad && item->output)
		put_details(report, item, stream);
}

int tell_text(const struct report *report, FILE *stream)
{
	size_t counts[4] = {0}, count = 0;
	for (size_t i = 0; i < report->count; i++) {
		if (report->cases[i].kind == CASE_RUN)
			continue; /* a doubt about all of them: text_doubts */
		put_case(report, &report->cases[i], stream);
		counts[report->cases[i].outcome]++;
		count++;
	}
	text_doubts(report, stream);
	text_known(report, stream);
	fprintf(
	    stream,
	    "shmcheck: SUMMARY: %s: %zu scenario%s: %zu passed, %zu failed, %zu inconclusive, %zu skipped\n",
	    verdict_name(report_verdict(report)), count, count == 1 ? "" : "s", counts[OUTCOME_PASS],
	    counts[OUTCOME_FAIL], counts[OUTCOME_INCONCLUSIVE], counts[OUTCOME_SKIP]);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}
