// SPDX-License-Identifier: MIT
// explore: points that seem to print something else: is it the fault, or does the program print so now and then?
#ifndef SHMCHECK_HARNESS_EXPLORE_SUSPECT_H
#define SHMCHECK_HARNESS_EXPLORE_SUSPECT_H

#include "harness/explore/sweep.h"

enum {
	SUSPECT_WRONG = 3, /* runs with the fault that must print something else */
	SUSPECT_RUNS = 5 /* of so many at most */
};

enum suspicion {
	SUSPICION_NONE, /* it is no suspect, or there is worse */
	SUSPICION_OPEN, /* another run is needed */
	SUSPICION_SURE, /* it prints something else, unlike all runs without the fault */
	SUSPICION_GONE /* it does not do so often enough: this run's verdict is the point's */
};

/* Considers VERDICT, that of TRIAL, another run of TRIED. Asks for runs without a fault, to compare with. */
enum suspicion suspect_consider(struct sweep *sweep, struct tried *tried, enum point_verdict verdict,
				const struct trial *trial);

/* TRIAL's outputs, compared with what is expected by now. Returns 0 or -errno. */
int suspect_compare(const struct sweep *sweep, const struct run_files *files, struct trial *trial);

/* More is expected than before: all that was said about wrong outputs is to be tried again. */
void suspects_forget(struct sweep *sweep);

/* The runs that they wait for are done. */
void suspects_resume(struct sweep *sweep);

#endif
