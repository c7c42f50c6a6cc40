// SPDX-License-Identifier: MIT
// scenario: explore's sweep over some processes of a scenario while the others run.
#ifndef SHMCHECK_HARNESS_SCENARIO_EXPLORE_H
#define SHMCHECK_HARNESS_SCENARIO_EXPLORE_H

#include "harness/scenario/run.h"

/* Tries every fault point of READY's explored processes, and puts into RESULT what that showed. Makes the calling
 * process a subreaper. Returns 0, or -errno with WHY. */
int explore_scenario(const struct ready *ready, struct run_result *result, char why[512]);

#endif
