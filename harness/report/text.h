// SPDX-License-Identifier: MIT
// report: the parts of a text report that every command shares.
#ifndef SHMCHECK_HARNESS_REPORT_TEXT_H
#define SHMCHECK_HARNESS_REPORT_TEXT_H

#include "report.h"

/* A finding with its rows, as `run` shows it. */
void text_finding(const struct report *report, const struct told_finding *finding, FILE *stream);

/* What is known and what the lines about it did; the lines of --gen-suppressions. Before the SUMMARY. */
void text_known(const struct report *report, FILE *stream);

/* "    label       text" */
void text_row(FILE *stream, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The rows of a call stack, the first behind LABEL. */
void text_stack(const struct report *report, FILE *stream, const char *label, const struct told_stack *stack);

/* The rows of a crash, with its stack, in the story of a fault point. */
void text_crash_rows(const struct report *report, const struct told_crash *crash, FILE *stream);

/* A crash with its stack. */
void text_crash(const struct report *report, const struct told_crash *crash, FILE *stream);

/* Lines for what makes the report inconclusive. */
void text_doubts(const struct report *report, FILE *stream);

/* "1 error (segment-leak), 0 warnings, 2 notes" */
void text_counts(const struct report *report, FILE *stream);

/* The escape sequences around what has SEVERITY's colour; "" without colour. */
const char *text_paint(const struct report *report, enum severity severity);
const char *text_plain(const struct report *report);

/* A single run. */
report_render report_text_run;

#endif
