// SPDX-License-Identifier: MIT
// report: one verdict, rendered in several formats.
#ifndef SHMCHECK_HARNESS_REPORT_REPORT_H
#define SHMCHECK_HARNESS_REPORT_REPORT_H

#include "harness/analyze/evidence.h"
#include "harness/analyze/finding.h"
#include "harness/analyze/ledger.h"
#include "harness/analyze/stack.h"

#include <stdbool.h>
#include <stdio.h>

/* Everything that a renderer may read; nothing is owned. */
struct report {
	const struct evidence *evidence;
	const struct findings *findings;
	const struct ledger *ledger;
	struct stacks *stacks;
	const struct arena *arena;
	uint64_t arena_size;
	enum severity show; /* lowest severity that is printed */
	enum severity fail_on; /* lowest severity that fails the run */
	bool color;
	bool verbose;
	bool quiet; /* findings only; no line for a clean program */
	const char *log_path; /* --log, or NULL: named in the report */
};

/* Each writes a whole report to STREAM. Returns 0, or -EIO when the stream failed. */
int report_text(const struct report *report, FILE *stream);
int report_json(const struct report *report, FILE *stream);

/* "clean", "findings", "inconclusive": findings at or above fail_on outrank doubts. */
enum verdict { VERDICT_CLEAN, VERDICT_FINDINGS, VERDICT_INCONCLUSIVE };
enum verdict report_verdict(const struct report *report);
const char *verdict_name(enum verdict verdict);

/* The bytes of the string behind REF, length in *ret_length; NULL when there is none. Not NUL-terminated. */
const char *report_string(const struct report *report, uint32_t ref, size_t *ret_length);

#endif
