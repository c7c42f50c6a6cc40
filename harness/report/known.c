// SPDX-License-Identifier: MIT
// report: findings that don't count: suppressed, in the baseline, or declared as intent.
#include "known.h"

#include "fingerprint.h"
#include "harness/error.h"
#include "harness/explore/verdict.h"
#include "known_subject.h"
#include "shown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IDS_MAX = FINDING_COUNT + POINT_VERDICTS + 1, ID_MAX = 48 };

/* All that a suppression's ID can name: findings, and what becomes of fault points and scenarios. */
static const char *const *all_ids(void)
{
	static char points[POINT_VERDICTS][ID_MAX];
	static const char *ids[IDS_MAX + 1];
	unsigned count = 0;
	for (int id = 0; id < FINDING_COUNT; id++)
		ids[count++] = finding_row(id)->name;
	for (int verdict = 0; verdict < POINT_VERDICTS; verdict++) {
		snprintf(points[verdict], ID_MAX, "point-%s", point_verdict_row(verdict)->name);
		ids[count++] = points[verdict];
	}
	ids[count++] = "scenario-failed";
	ids[count] = NULL;
	return ids;
}

int known_add_suppressions(struct known *known, const char *file)
{
	known->suppressions.ids = all_ids();
	known->suppressions.today = (int64_t)time(NULL) / 86400;
	return suppressions_read(&known->suppressions, file, stderr);
}

int known_add_baseline(struct known *known, const char *file)
{
	if (known->baseline.file) {
		error_print("--baseline=%s: there is one already: '%s'", file, known->baseline.file);
		return -EINVAL;
	}
	return baseline_read(&known->baseline, file, stderr);
}

int known_add_persistent(struct known *known, const char *key)
{
	char *end;
	errno = 0;
	long long number = strtoll(key, &end, 0);
	if (errno || end == key || *end || number == 0 || number < INT32_MIN || number > UINT32_MAX) {
		error_print("--persistent=%s: expected a key such as 0x52e2c1 (IPC_PRIVATE has none)", key);
		return -EINVAL;
	}
	if (known->persistent_count == PERSISTENT_MAX) {
		error_print("--persistent=%s: at most %d of them", key, PERSISTENT_MAX);
		return -EINVAL;
	}
	known->persistent[known->persistent_count++] = (struct persistent){(int32_t)number, key, 0};
	return 0;
}

static bool is_persistent(struct known *known, const struct told_finding *finding)
{
	if (finding->id != FINDING_SEGMENT_LEAK || !finding->has_segment)
		return false;
	for (unsigned i = 0; i < known->persistent_count; i++)
		if (known->persistent[i].key == finding->segment.facts.key) {
			known->persistent[i].used++;
			return true;
		}
	return false;
}

static const char *reason_of(const struct suppression *line)
{
	return *line->reason ? line->reason : line->text;
}

/* IS_COUNTED: the baseline has a number of such findings, and what is beyond it is new. */
static void mark(struct known *known, struct told_finding *finding, bool is_counted)
{
	struct suppress_subject subject;
	if (finding->is_marked)
		return;
	finding->is_marked = true;
	subject_of_finding(finding, &subject);
	const struct suppression *line =
	    known->suppressions.count ? suppressions_match(&known->suppressions, &subject) : NULL;
	if (is_persistent(known, finding)) {
		finding->known = KNOWN_PERSISTENT;
		finding->known_why = "its key is declared as persistent";
	} else if (line) {
		finding->known = KNOWN_SUPPRESSED;
		finding->known_why = reason_of(line);
	} else if (known->baseline.file &&
		   baseline_take(&known->baseline, finding->fingerprint, is_counted)) {
		finding->known = KNOWN_BASELINE;
		finding->known_why = "in the baseline";
	}
}

/* Why all of ITEM's failure is known: every finding that could fail it is; NULL: it is not. */
static const char *explained_by_findings(const struct report *report, const struct report_case *item)
{
	const char *why = NULL;
	for (size_t i = 0; item->is_explained && i < item->finding_count; i++) {
		const struct told_finding *finding = &item->findings[i];
		if (finding->severity >= report->fail_on && finding->known == KNOWN_NOT)
			return NULL;
		if (finding->known != KNOWN_NOT)
			why = finding->known_why;
	}
	return why;
}

/* A failed point or scenario may be known itself. */
static const char *explained_as_whole(struct known *known, const struct report_case *item)
{
	struct suppress_subject subject;
	char id[64];
	struct frame frame;
	case_rule(item, id, sizeof id);
	subject_of_case(item, id, &frame, &subject);
	const struct suppression *line =
	    known->suppressions.count ? suppressions_match(&known->suppressions, &subject) : NULL;
	if (line)
		return reason_of(line);
	if (known->baseline.file && baseline_take(&known->baseline, item->fingerprint, false))
		return "in the baseline";
	return NULL;
}

static void settle(struct known *known, struct report *report, struct report_case *item)
{
	if (item->kind != CASE_RUN && !item->fingerprint)
		item->fingerprint = fingerprint_case(item);
	for (size_t i = 0; i < item->finding_count; i++) {
		struct told_finding *finding = &item->findings[i];
		finding->owner = finding->owner ? finding->owner : item;
		mark(known, finding, item->kind == CASE_FINDING);
	}
	if (item->kind == CASE_FINDING)
		item->outcome = item->findings[0].known != KNOWN_NOT            ? OUTCOME_SKIP
				: item->findings[0].severity >= report->fail_on ? OUTCOME_FAIL
										: OUTCOME_PASS;
	if (item->kind == CASE_FINDING && item->findings[0].known != KNOWN_NOT)
		item->known_why = item->findings[0].known_why;
	if (item->kind == CASE_FINDING || item->outcome != OUTCOME_FAIL)
		return;
	item->known_why = explained_by_findings(report, item);
	if (!item->known_why)
		item->known_why = explained_as_whole(known, item);
	if (item->known_why)
		item->outcome = OUTCOME_SKIP;
}

/* Formats that know only cases have one for what makes the report as a whole inconclusive. */
static void add_doubt(struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->cases[i].kind == CASE_RUN)
			return;
	struct report_case *item = report->doubt_count ? report_add(report) : NULL;
	if (!item)
		return;
	item->kind = CASE_RUN;
	item->name = report->command;
	item->group = report->program ? report->program[0] : report->command;
	item->verdict = "inconclusive";
	item->outcome = OUTCOME_INCONCLUSIVE;
	item->message = report->doubts[0];
}

void known_settle(struct known *known, struct report *report)
{
	report->known = known;
	known->baseline.is_partial = report->is_partial;
	add_doubt(report);
	for (size_t i = 0; i < report->count; i++)
		settle(known, report, &report->cases[i]);
}

size_t known_count(const struct report *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++)
		count += report->cases[i].known_why != NULL;
	return count;
}

const char *known_cause(const struct report *report, uint64_t cause)
{
	const char *why = NULL;
	for (size_t i = 0; i < report->count; i++) {
		const struct report_case *item = &report->cases[i];
		if (item->fingerprint != cause)
			continue;
		if (!item->known_why)
			return NULL;
		why = item->known_why;
	}
	return why;
}

const char *known_name(enum known_as known)
{
	static const char *const names[] = {NULL, "suppressed", "baseline", "persistent"};
	return names[known];
}
