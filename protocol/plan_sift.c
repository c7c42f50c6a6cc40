// SPDX-License-Identifier: MIT
// protocol: the first look at a call: the rules that one comparison rules out are out, at a nanosecond or two each.
#include "plan.h"
#include "plan_expression.h"
#include "plan_operator.h"

static uint64_t sift_commands(const struct plan *plan, uint64_t left, const uint64_t *args)
{
	uint32_t command = shmctl_bit((int32_t)args[1]);

	for (uint64_t rules = left & plan->with_commands; rules; rules &= rules - 1) {
		unsigned index = (unsigned)__builtin_ctzll(rules);

		if (!(plan->rules[index].commands & command))
			left &= ~(UINT64_C(1) << index);
	}
	return left;
}

uint64_t plan_sift(const struct plan *plan, unsigned call, uint64_t roles, const uint64_t *args)
{
	uint64_t left = __atomic_load_n(&plan->by_call[call], __ATOMIC_ACQUIRE) & roles, out = 0;
	uint64_t count = plan->range_count < PLAN_RULES ? plan->range_count : PLAN_RULES;
	int64_t values[8];

	if (call == CALL_SHMCTL)
		left = sift_commands(plan, left, args);
	for (unsigned fields = plan->range_fields & ((1u << FIELD_COUNT) - 1); fields; fields &= fields - 1) {
		unsigned field = (unsigned)__builtin_ctz(fields);

		values[field] = expression_field(field, call, args);
	}
	/* those of rules for other calls too: their bits are not in what is left */
	for (uint64_t i = 0; i < count; i++) {
		const struct plan_range *range = &plan->ranges[i];
		uint64_t distance = (uint64_t)values[range->field & 7] - (uint64_t)range->low;

		out |= range->rule & -(uint64_t)((distance > range->span) != range->is_outside);
	}
	return left & ~out;
}

/* The numbers that meet a comparison are a range, or all but one. False when there are none. */
static bool find_range(unsigned op, int64_t number, struct plan_range *range)
{
	int64_t low = INT64_MIN, high = INT64_MAX;

	if ((op == OP_LESS && number == INT64_MIN) || (op == OP_GREATER && number == INT64_MAX))
		return false;
	if (op == OP_LESS || op == OP_LESS_EQUAL)
		high = op == OP_LESS ? number - 1 : number;
	else if (op == OP_GREATER || op == OP_GREATER_EQUAL)
		low = op == OP_GREATER ? number + 1 : number;
	else
		low = high = number;
	range->low = low;
	range->span = (uint64_t)high - (uint64_t)low;
	range->is_outside = op == OP_UNEQUAL;
	return true;
}

bool plan_range_of(const struct plan_rule *rule, struct plan_range *ret_range)
{
	const struct plan_expression *condition = &rule->condition;
	int64_t number = condition->numbers[condition->arg[1] % PLAN_NUMBERS];

	if (!expression_is_simple(condition))
		return false;
	ret_range->field = condition->arg[0];
	return find_range(condition->op[2], condition->arg[2] == OP_NARROW ? (int32_t)number : number,
			  ret_range);
}
