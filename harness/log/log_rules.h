// SPDX-License-Identifier: MIT
// event log: the rules of a kept log, put together again from their texts.
#ifndef SHMCHECK_HARNESS_LOG_LOG_RULES_H
#define SHMCHECK_HARNESS_LOG_LOG_RULES_H

#include "protocol/plan.h"

#include <stddef.h>
#include <stdint.h>

/* The rules of TEXT, each with a counter of its own, all counts 0; to be freed. NULL when TEXT is not what plan_parse
 * takes, or memory is short. */
struct plan *log_rules_new(const char *text, size_t length, uint64_t seed);

/* What was counted for the rule at INDEX. */
void log_rules_count(struct plan *plan, uint32_t index, uint64_t matches, uint64_t hits);

#endif
