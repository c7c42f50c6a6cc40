// SPDX-License-Identifier: MIT
// fuzz: from books to a report that nobody reads: whatever is in them, no crash and no endless loop.
#ifndef SHMCHECK_TESTS_FUZZ_JUDGE_H
#define SHMCHECK_TESTS_FUZZ_JUDGE_H

#include "harness/analyze/ledger.h"
#include "harness/analyze/plan_findings.h"
#include "harness/report/report_run.h"

#include <stdio.h>

static inline void judge_and_report(struct ledger *ledger, struct evidence *evidence,
				    const struct arena *arena, uint64_t size)
{
	struct findings findings = {0};
	struct report report = {.show = SEVERITY_NOTE, .verbose = true};
	FILE *nowhere = fopen("/dev/null", "w");
	struct stacks *stacks = stacks_new(arena, size, STACK_NAMES_ALL);
	struct books books = {ledger, stacks, arena, size};
	ledger_texts(ledger, arena, size);
	ledger_doubts(ledger, evidence);
	if (nowhere && stacks && ledger_judge(ledger, evidence, &findings) == 0) {
		if (evidence->plan)
			plan_findings(evidence->plan, &findings);
		if (report_run(evidence, &findings, &books, &report) == 0) {
			report_text(&report, nowhere);
			report_json(&report, nowhere);
			report_sarif(&report, nowhere);
		}
		report_free(&report);
	}
	stacks_free(stacks);
	findings_free(&findings);
	if (nowhere)
		fclose(nowhere);
}

#endif
