// SPDX-License-Identifier: MIT
// report: what an exploration found.
#ifndef SHMCHECK_HARNESS_REPORT_EXPLORE_REPORT_H
#define SHMCHECK_HARNESS_REPORT_EXPLORE_REPORT_H

#include "harness/explore/replay.h"
#include "harness/explore/sweep.h"
#include "harness/options.h"
#include "report.h"

#include <stdio.h>

/* Findings with one cause, told in full: of the point that stands for them. */
struct explored_cause {
	uint64_t cause;
	const struct tried *tried;
	size_t points; /* how many have it; they lie between FIRST and LAST in the list */
	size_t first, last;
	struct told_call injected;
	struct told_finding *harm; /* the first of them */
	size_t harm_count, harm_left_out;
	struct told_call last_calls[REPLAY_LAST]; /* of that run */
	size_t last_count;
	struct told_crash *crashes; /* processes that were seen to crash */
	size_t crash_count;
};

/* What became of the points that are known. */
struct coverage {
	size_t tried; /* with a verdict */
	size_t not_reached, undecided; /* before it ended; undecided: they printed something else */
	size_t impossible, elsewhere, deeper; /* no such failure; not asked for; in recovery code */
};

/* An exploration that is over: what its text report is made of. */
struct explored {
	const struct options *options;
	const struct sweep_settings *settings;
	const struct sweep *sweep;
	struct explored_cause *causes; /* owned, by number */
	struct explored_cause **worst_first; /* owned: the same */
	size_t cause_count;
	struct coverage coverage;
	struct stacks *stacks; /* owned: of all logs, in turn */
};

enum { EXPLORED_HARM = 10 /* findings that are told of one run */ };

/* --list: the points, one a line. Returns 0 or -EIO. */
int explore_list(const struct sweep_settings *settings, const struct sweep *sweep, FILE *stream);

/* Makes a case of every point that was asked for, in REPORT, whose context becomes EXPLORED. Returns 0 or -errno. */
int explore_fill(const struct options *options, const struct sweep_settings *settings,
		 const struct sweep *sweep, struct explored *explored, struct report *report);
void explore_free(struct explored *explored);

/* The table: call and place by errno. */
void explore_put_table(const struct explored *explored, FILE *stream);

/* The text report: the table, the findings once a cause, coverage, the SUMMARY line. */
report_render explore_text;

#endif
