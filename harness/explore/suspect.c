// SPDX-License-Identifier: MIT
// explore: points that seem to print something else: is it the fault, or does the program print so now and then?
#include "suspect.h"

#include "harness/explore/clean.h"
#include "harness/explore/weigh.h"

#include <unistd.h>

static bool has_finding(const struct tried *tried)
{
	return tried->has_verdict && point_is_finding(tried->verdict) && tried->verdict != POINT_HANG;
}

static enum suspicion take_wrong(struct sweep *sweep, struct tried *tried, const struct trial *trial)
{
	if (tried->wrong++ == 0) {
		tried->prints = trial->output;
		tried->prints_vary = false;
		clean_ask(sweep, CLEAN_RUNS);
	}
	tried->prints_vary |= tried->prints != trial->output;
	return tried->wrong < SUSPECT_WRONG ? SUSPICION_OPEN : SUSPICION_SURE;
}

enum suspicion suspect_consider(struct sweep *sweep, struct tried *tried, enum point_verdict verdict,
				const struct trial *trial)
{
	if (has_finding(tried))
		return SUSPICION_NONE;
	if (verdict == POINT_WRONG_OUTPUT)
		return take_wrong(sweep, tried, trial);
	if (!tried->wrong || point_is_finding(verdict))
		return SUSPICION_NONE;
	tried->other++;
	clean_ask(sweep, CLEAN_MOST);
	return tried->other > SUSPECT_RUNS - SUSPECT_WRONG ? SUSPICION_GONE : SUSPICION_OPEN;
}

/* A run without files is one whose outputs the worker found to be expected, or that has a worse verdict. */
int suspect_compare(const struct sweep *sweep, const struct run_files *files, struct trial *trial)
{
	if (files->output[0] < 0)
		return 0;
	int code = expected_compare_file(&sweep->expected[0], files->output[0], &trial->output);
	return code ? code : expected_compare_file(&sweep->expected[1], files->output[1], &trial->errors);
}

void suspects_forget(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->points.count; i++) {
		struct tried *tried = &sweep->points.list[i];
		tried->wrong = tried->other = 0;
		if (tried->state == STATE_WAITING)
			worklist_again(&sweep->points, i);
		if (!tried->has_verdict || tried->verdict != POINT_WRONG_OUTPUT)
			continue;
		weigh_retract(sweep, tried);
		worklist_again(&sweep->points, i);
	}
}

void suspects_resume(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->points.count; i++)
		if (sweep->points.list[i].state == STATE_WAITING)
			worklist_again(&sweep->points, i);
}
