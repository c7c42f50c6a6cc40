// SPDX-License-Identifier: MIT
// report: the rules of a run, and how often each had its effect.
#ifndef SHMCHECK_HARNESS_REPORT_RULES_TOLD_H
#define SHMCHECK_HARNESS_REPORT_RULES_TOLD_H

#include "protocol/plan.h"

#include <jansson.h>
#include <stdio.h>

/* A line each: "shmcheck: rule 1: shmat:error=ENOMEM: 1 hit, 3 matching calls"; and the seed, where one was used. */
void rules_put(const struct plan *plan, FILE *stream);

/* The seed as JSON, null when no rule draws. PLAN NULL: there are no rules. */
json_t *rules_seed(const struct plan *plan);

#endif
