// SPDX-License-Identifier: MIT
// report: what the formats for machines have in common: which cases they show, and how a case is told in lines.
#ifndef SHMCHECK_HARNESS_REPORT_SHOWN_H
#define SHMCHECK_HARNESS_REPORT_SHOWN_H

#include "report.h"

/* Whether ITEM stands in reports: a run's finding below --show does not. */
bool case_is_shown(const struct report *report, const struct report_case *item);

/* The worst severity of ITEM's findings that count; of a case that failed without one: error; else note. */
enum severity case_severity(const struct report_case *item);

/* How many cases are like the one at INDEX, itself included: of one cause, place, verdict and outcome; of findings, how
 * often they were seen. 0 when an earlier case is like it: a report that is read by people shows one of them. */
size_t case_like(const struct report *report, size_t index);

/* Where to look. */
struct location case_location(const struct report_case *item);

/* "segment-leak", "point-leak", "scenario-failed": unique over the kinds of cases. */
void case_rule(const struct report_case *item, char *ret_text, size_t size);

/* What ITEM is called, and what is wrong with it (or why that does not count), as one printable line each. Freed by the caller; NULL: no memory. */
char *case_name(const struct report_case *item);
char *case_message(const struct report_case *item);

/* All that the text report would say on ITEM: lines of printable text, each with its newline. Freed by the caller. */
char *case_details(const struct report *report, const struct report_case *item);

/* ARGV as one line that a shell reads back as those words. Freed by the caller. */
char *shell_line(const char *const *argv);
const char *const *case_reproduce(const struct report *report, const struct report_case *item);

/* PATH as it is from the folder that the tool was started in, when it lies below it; else PATH. */
const char *path_from_here(const char *path);

#endif
