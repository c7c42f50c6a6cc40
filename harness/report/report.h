// SPDX-License-Identifier: MIT
// report: what a command found, rendered in several formats.
#ifndef SHMCHECK_HARNESS_REPORT_REPORT_H
#define SHMCHECK_HARNESS_REPORT_REPORT_H

#include "harness/analyze/evidence.h"
#include "keep.h"
#include "told.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* How to fill a report (run does it in report_run.c):
 *
 *	struct report report = {.command = "explore", .program = argv};
 *	for each fault point, scenario:
 *		struct report_case *result = report_add(&report);
 *		if (!result) …no memory…
 *		result->kind = CASE_POINT;
 *		result->name = keep_print(&report.keep, …);	(every string: kept, or a literal)
 *		result->outcome = OUTCOME_FAIL;
 *		…
 *		result->findings = keep_bytes(&report.keep, count * sizeof *result->findings);
 *		for each finding of that run, while its books are open:
 *			told_make(&books, &findings.list[i], &report.keep, &result->findings[result->finding_count++]);
 *	report.summary = json_pack(…);		(members of the JSON summary that are the command's own)
 *	report.text = …;			(how the text report looks)
 *	publish(options, &report, &verdict);	(harness/publish.h: suppressions, baseline, every --report)
 *	report_free(&report);
 *
 * Strings are raw bytes; no caller escapes anything. */

enum outcome { OUTCOME_PASS, OUTCOME_FAIL, OUTCOME_SKIP, OUTCOME_INCONCLUSIVE };

/* A case is what a report counts. `run` has one for the run itself (was it watched whole?) and one a finding. */
enum case_kind { CASE_RUN, CASE_FINDING, CASE_POINT, CASE_SCENARIO };

struct report_case {
	enum case_kind kind;
	const char *name; /* tells the case apart within its group: a point's ID, a scenario's name */
	const char *group; /* the program's or the scenario file's name */
	const char *verdict; /* one word: "leak", "handled", "failed", "segment-leak", "clean" */
	enum outcome
	    outcome; /* publish() makes it SKIP when suppressions or the baseline explain all of a failure */
	const char *message; /* one sentence for a person: what is wrong; NULL: nothing is */
	const char *output; /* more for a person, several lines; NULL */
	double seconds; /* negative: not measured */
	struct told_finding *findings; /* of this case alone; those that explain the verdict first */
	size_t finding_count;
	const struct told_crash *crashes; /* processes that were seen to crash in it */
	size_t crash_count;
	bool owns_crashes; /* false: another case has them too, and JSON lists them there */
	/* All of a failure is in its findings: when each that is at or above fail_on is known (suppressed, in the
	 * baseline, persistent), the case does not count. False: the failure is more than they say (a crash, a hang,
	 * another output, an expectation that was not met). CASE_FINDING: true. */
	bool is_explained;
	const char *const *reproduce; /* NULL-terminated argv; NULL: the report's own */
	struct location location; /* all NULL: that of the first finding */
	uint64_t
	    fingerprint; /* of the cause, the same from run to run; cases with one cause share it; 0: none */
	const char *known_why; /* set by publish(): why the failure does not count; NULL */
	json_t *members; /* what the JSON object has beyond the common members; owned; NULL */
};

enum verdict { VERDICT_CLEAN, VERDICT_FINDINGS, VERDICT_INCONCLUSIVE };

struct report;
typedef int report_render(const struct report *report, FILE *stream); /* 0, or -EIO when the stream failed */

struct report {
	struct keep keep; /* what the strings and arrays below live in */
	const char *command; /* "run", "explore", "scenario" */
	const char *const *program; /* argv of the program; NULL: several */
	const char *const *reproduce; /* argv; NULL */
	struct report_case *cases; /* owned; see report_add */
	size_t count;
	const char **doubts; /* owned; sentences: why it is inconclusive; see report_doubt */
	size_t doubt_count;
	size_t
	    untried; /* cases that were to be tried, and were not when it was ended: no doubt, and no pass */
	bool is_partial; /* there are cases that were not to be tried, or were not tried */
	json_t *summary; /* members of the JSON summary beyond verdict and counts; owned; NULL */
	report_render *text; /* the text report; NULL: the cases as a list */
	const void *context; /* for text */

	/* Of a single run; NULL for others. Not owned. */
	const struct evidence *evidence;
	const struct ledger *ledger;
	const struct books *books;
	const char *events_log; /* the log whose events the JSON report lists; NULL: none */
	struct told_crash *crashes; /* of the tree's processes, where they could be seen */
	size_t crash_count;

	/* Set by publish() from the options. */
	enum severity show; /* lowest severity that is printed */
	enum severity fail_on; /* lowest severity that fails */
	bool color;
	bool verbose;
	bool quiet; /* findings only; no line for a clean program */
	const char *log_path; /* --log, or NULL */
	const struct known *known; /* what suppressions, baseline and declared intent there are */
};

/* A new case, zeroed but for seconds (-1); NULL when memory is short. Valid until the next. */
struct report_case *report_add(struct report *report);

/* Adds a doubt (printf-like). Returns 0 or -ENOMEM. */
int report_doubt(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many findings of SEVERITY the cases have that count (known_not). */
size_t report_findings(const struct report *report, enum severity severity);

/* A failed case is findings, and outranks a doubt or an inconclusive case. */
enum verdict report_verdict(const struct report *report);
/* The verdict for people: one that is clean, but not of all that was to be tried, is "incomplete". */
const char *report_word(const struct report *report);
const char *verdict_name(enum verdict verdict); /* "clean", "findings", "inconclusive" */
const char *outcome_name(enum outcome outcome); /* "pass", "fail", "skip", "inconclusive" */

void report_free(struct report *report);

/* The formats. */
report_render report_text, report_json, report_junit, report_tap, report_tap13, report_sarif, report_github;

#endif
