// SPDX-License-Identifier: MIT
// report: what an exploration found.
#ifndef SHMCHECK_HARNESS_REPORT_EXPLORE_REPORT_H
#define SHMCHECK_HARNESS_REPORT_EXPLORE_REPORT_H

#include "harness/explore/places.h"
#include "harness/explore/sweep.h"
#include "harness/options.h"

#include <stdio.h>

/* An exploration that is over. */
struct explored {
	const struct options *options;
	const struct sweep_settings *settings;
	const struct sweep *sweep;
	struct places *places;
	bool color;
};

/* --list: the points, one a line. Returns 0 or -EIO. */
int explore_list(const struct options *options, const struct sweep_settings *settings,
		 const struct sweep *sweep, FILE *stream);

/* Renders every report that OPTIONS ask for. Returns the exit status. */
int explore_report(const struct options *options, const struct sweep_settings *settings,
		   const struct sweep *sweep);

/* The table: call and place by errno. */
void explore_put_table(const struct explored *explored, FILE *stream);

/* The findings, once a cause, worst first; what was left in the dark; coverage; the SUMMARY line. */
int explore_text(const struct explored *explored, FILE *stream);

/* Whether an exploration cannot be called clean although nothing was found. */
bool explore_is_inconclusive(const struct sweep *sweep);

#endif
