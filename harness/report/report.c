// SPDX-License-Identifier: MIT
// report: the cases, their counts and the verdict.
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

/* The list has room for the power of two that is not below its count. */
static void *grow(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	return reallocarray(list, count ? count * 2 : 1, size);
}

struct report_case *report_add(struct report *report)
{
	struct report_case *cases = grow(report->cases, report->count, sizeof *cases);
	if (!cases)
		return NULL;
	report->cases = cases;
	cases[report->count] = (struct report_case){.seconds = -1};
	return &cases[report->count++];
}

int report_doubt(struct report *report, const char *format, ...)
{
	const char **doubts = grow(report->doubts, report->doubt_count, sizeof *doubts);
	va_list arguments;
	char *text = NULL;
	if (!doubts)
		return -ENOMEM;
	report->doubts = doubts;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	doubts[report->doubt_count++] = keep_copy(&report->keep, text, (size_t)length);
	free(text);
	return report->keep.no_memory ? -ENOMEM : 0;
}

size_t report_findings(const struct report *report, enum severity severity)
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++)
		for (size_t k = 0; k < report->cases[i].finding_count; k++) {
			const struct told_finding *finding = &report->cases[i].findings[k];
			count += finding->severity == severity && finding->known == KNOWN_NOT &&
				 finding->owner == &report->cases[i];
		}
	return count;
}

enum verdict report_verdict(const struct report *report)
{
	enum verdict verdict = report->doubt_count ? VERDICT_INCONCLUSIVE : VERDICT_CLEAN;
	for (size_t i = 0; i < report->count; i++) {
		if (report->cases[i].outcome == OUTCOME_FAIL)
			return VERDICT_FINDINGS;
		if (report->cases[i].outcome == OUTCOME_INCONCLUSIVE)
			verdict = VERDICT_INCONCLUSIVE;
	}
	return verdict;
}

const char *report_word(const struct report *report)
{
	enum verdict verdict = report_verdict(report);
	return verdict == VERDICT_CLEAN && report->untried ? "incomplete" : verdict_name(verdict);
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"clean", "findings", "inconclusive"};
	return names[verdict];
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = {"pass", "fail", "skip", "inconclusive"};
	return names[outcome];
}

void report_free(struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		json_decref(report->cases[i].members);
	json_decref(report->summary);
	free(report->cases);
	free(report->doubts);
	keep_free(&report->keep);
	*report = (struct report){0};
}
