// SPDX-License-Identifier: MIT
// report: the rules of a run, and how often each had its effect.
#include "rules_told.h"

#include "harness/analyze/plan_findings.h"

#include <inttypes.h>

static bool draws(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->rule_count && i < PLAN_RULES; i++)
		if (plan->rules[i].p < PLAN_CERTAIN)
			return true;
	return false;
}

void rules_put(const struct plan *plan, FILE *stream)
{
	struct rule_count count;

	for (uint32_t i = 0; plan_rule_count(plan, i, &count); i++)
		fprintf(stream,
			"shmcheck: rule %" PRIu32 ": %s: %" PRIu64 " hit%s, %" PRIu64 " matching call%s\n",
			i + 1, count.text, count.hits, count.hits == 1 ? "" : "s", count.matches,
			count.matches == 1 ? "" : "s");
	if (plan && draws(plan))
		fprintf(stream,
			"shmcheck: seed %" PRIu64 ": the same calls are drawn with --seed=%" PRIu64 "\n",
			plan->seed, plan->seed);
}

json_t *rules_seed(const struct plan *plan)
{
	return plan && draws(plan) ? json_integer((json_int_t)plan->seed) : json_null();
}
