// SPDX-License-Identifier: MIT
// event log: the rules of a kept log, put together again from their texts.
#include "log_rules.h"

#include <stdlib.h>

struct plan *log_rules_new(const char *text, size_t length, uint64_t seed)
{
	struct plan *plan = aligned_alloc(64, (plan_size(0) + 63) & ~UINT64_C(63));
	struct plan_error error;

	if (!plan)
		return NULL;
	if (plan_init(plan, plan_size(0), seed) || plan_parse(plan, text, length, &error)) {
		free(plan);
		return NULL;
	}
	for (uint32_t i = 0; i < plan->rule_count; i++)
		plan->rules[i].counter = i;
	plan->counter_count = plan->rule_count;
	return plan;
}

void log_rules_count(struct plan *plan, uint32_t index, uint64_t matches, uint64_t hits)
{
	if (index >= plan->rule_count)
		return;
	plan->counters[index].matches = matches;
	plan->counters[index].hits = hits;
}
