// SPDX-License-Identifier: MIT
// front end: from the books and the evidence to the reports: what `run` and `report` share.
#include "conclude.h"

#include "error.h"
#include "harness/analyze/plan_findings.h"
#include "harness/report/report_run.h"
#include "publish.h"

#include <errno.h>

/* The rules' own findings and doubts, where the counts are known. */
static int judge_rules(struct evidence *evidence, struct findings *findings)
{
	int code = plan_findings(evidence->plan, findings);
	if (!code)
		code = plan_doubts(evidence->plan, evidence);
	findings_sort(findings);
	return code;
}

/* Seconds since the epoch, rounded up; 0: unknown. What the program builds and runs is built before that. */
static int64_t wall_end(const struct evidence *evidence)
{
	if (!evidence->wall_begin || evidence->end_ns < evidence->begin_ns)
		return 0;
	return evidence->wall_begin + (int64_t)((evidence->end_ns - evidence->begin_ns) / 1000000000) + 2;
}

int conclude(const struct options *options, const struct ledger *ledger, struct evidence *evidence,
	     const struct arena *arena, uint64_t arena_size, enum verdict *ret_verdict)
{
	struct findings findings = {0};
	ledger_texts(ledger, arena, arena_size);
	int code = ledger_doubts(ledger, evidence);
	code = code ? code : ledger_hints(ledger, evidence);
	if (!code)
		code = ledger_judge(ledger, evidence, &findings);
	if (!code && evidence->plan)
		code = judge_rules(evidence, &findings);
	struct stacks *stacks = code ? NULL : stacks_new(arena, arena_size, STACK_NAMES_ALL);
	if (!stacks) {
		error_print_errno(code ? -code : ENOMEM, "the run could not be judged");
		findings_free(&findings);
		return code ? code : -ENOMEM;
	}
	stacks_ended(stacks, wall_end(evidence));
	struct books books = {ledger, stacks, arena, arena_size};
	struct report report = {0};
	code = report_run(evidence, &findings, &books, &report);
	report.events_log = options->events ? options->events_log : NULL;
	if (code)
		error_print_errno(-code, "the run could not be reported");
	else
		code = publish(options, &report, ret_verdict);
	report_free(&report);
	stacks_free(stacks);
	findings_free(&findings);
	return code;
}
