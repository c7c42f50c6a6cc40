// SPDX-License-Identifier: MIT
// explore: the verdict on a point: pure, from the baseline and one trial.
#ifndef SHMCHECK_HARNESS_EXPLORE_VERDICT_H
#define SHMCHECK_HARNESS_EXPLORE_VERDICT_H

#include "harness/analyze/finding.h"
#include "harness/explore/trial.h"

/* In the order in which they are looked for: the first that fits is it. See shmcheck-explore(1). */
enum point_verdict {
	POINT_DIVERGED, /* the fault did not fire where it should */
	POINT_CRASH, /* the program died of a signal that it does not die of in the baseline */
	POINT_HANG, /* the deadline killed it */
	POINT_MISUSE, /* an error finding other than a leak that the baseline does not have */
	POINT_LEAK, /* a place left more segments than in the baseline */
	POINT_EXCUSED, /* only what an injected failure to remove or detach left itself */
	POINT_HANDLED, /* the program said that it failed */
	POINT_WRONG_OUTPUT, /* it said success and printed something else */
	POINT_RECOVERED, /* it said success, and for a reason */
	POINT_SWALLOWED, /* status and output as if nothing had happened */
	POINT_VERDICTS
};

struct verdict_row {
	const char *name;
	enum severity severity; /* an error is a finding; notes are how it should be */
	const char *meaning;
};
const struct verdict_row *point_verdict_row(enum point_verdict verdict);

/* Whether VERDICT is a finding. */
bool point_is_finding(enum point_verdict verdict);

enum { OK_STATUSES_MAX = 32 };

/* Exit statuses that count as success: the baseline's and --ok-exit's. */
struct ok_statuses {
	int codes[OK_STATUSES_MAX];
	unsigned count;
};

/* Judges TRIAL, in which POINT was to fail, against BASELINE. Pure. */
enum point_verdict point_judge(const struct point *point, const struct trial *baseline,
			       const struct trial *trial, const struct ok_statuses *ok);

/* The call of TRIAL that POINT is about, whatever became of it; NULL when there is none. */
const struct observation *point_reached(const struct point *point, const struct trial *trial);

/* Whether MISUSE is an error that the baseline does not have. */
bool verdict_is_new_misuse(const struct trial *baseline, const struct misuse *misuse);

/* Whether the place of LEFT left more than in the baseline; excused ones count only WITH_EXCUSED. */
bool verdict_left_more(const struct trial *baseline, const struct left_segments *left, bool with_excused);

/* The call of TRIAL in which POINT's fault took place; NULL when there is none. */
const struct observation *point_fired(const struct point *point, const struct trial *trial);

#endif
