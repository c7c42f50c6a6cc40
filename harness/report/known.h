// SPDX-License-Identifier: MIT
// report: findings that don't count: suppressed, in the baseline, or declared as intent.
#ifndef SHMCHECK_HARNESS_REPORT_KNOWN_H
#define SHMCHECK_HARNESS_REPORT_KNOWN_H

#include "baseline.h"
#include "harness/analyze/suppress.h"
#include "report.h"

enum { PERSISTENT_MAX = 64 };

/* --persistent=KEY */
struct persistent {
	int32_t key;
	const char *text; /* as it was given */
	uint64_t used;
};

/* What the user knows already. All zero: nothing. */
struct known {
	struct suppressions suppressions;
	struct baseline baseline;
	struct persistent persistent[PERSISTENT_MAX];
	unsigned persistent_count;
	const char *write_baseline; /* a file; NULL */
	bool generate; /* --gen-suppressions */
	const char *generate_file; /* NULL: with the text report */
};

/* Each takes the value of the option of that name; a file is read at once. Returns 0, or -errno after saying on
 * standard error what is wrong. */
int known_add_suppressions(struct known *known, const char *file);
int known_add_baseline(struct known *known, const char *file);
int known_add_persistent(struct known *known, const char *key);

/* Sets .known and .known_why of each finding of REPORT that does not count (KNOWN's strings must outlive it) and settles the outcome of each case: a run's findings by their severity, and a
 * failure that is known as a whole is skipped. */
void known_settle(struct known *known, struct report *report);

/* Writes --write-baseline and --gen-suppressions=FILE. Returns 0 or -errno after saying on standard error what failed. */
int known_write(struct known *known, const struct report *report);

/* How many findings (and whole cases) of REPORT do not count. */
size_t known_count(const struct report *report);

/* Why the cases whose fingerprint is CAUSE don't count; NULL: one of them does, or there is none. */
const char *known_cause(const struct report *report, uint64_t cause);

/* A suppression for each finding that counts. */
void known_generate(const struct report *report, FILE *stream);

/* The tables of what was used, unused and expired, as lines of a text report, and as JSON. */
void known_put(const struct known *known, FILE *stream);
json_t *known_to_json(const struct known *known);

const char *known_name(enum known_as known); /* "suppressed", "baseline", "persistent"; NULL for KNOWN_NOT */

#endif
