// SPDX-License-Identifier: MIT
// protocol: what the plan has happen to a call: filters, then the count, then the probability.
#include "plan.h"
#include "plan_expression.h"

#include <string.h>

enum { PROBES = 128 };

/* Stafford's mix 13 (as in splitmix64): every bit of the input moves every bit of the output. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Whether call N of rule INDEX fires. */
static bool fires(const struct plan_rule *rule, uint32_t index, uint64_t seed, uint64_t n)
{
	uint64_t drawn;

	if (n < rule->when.first || n > rule->when.last)
		return false;
	if (rule->when.step > 1 && (n - rule->when.first) % rule->when.step != 0)
		return false;
	if (rule->p >= PLAN_CERTAIN)
		return true;
	/* Only seed, rule and number: the same in every thread and process, and no state to share. */
	drawn =
	    mix(mix(seed + UINT64_C(0x9e3779b97f4a7c15) * (index + 1)) + UINT64_C(0x9e3779b97f4a7c15) * n);
	return (uint64_t)((unsigned __int128)drawn * PLAN_CERTAIN >> 64) < rule->p;
}

/* Each process or thread has a slot of its own, found by hash, taken once by compare-and-swap, never given back.
 * Returns the number of this call, or 0 when no slot could be had. */
static uint64_t count_scoped(struct plan *plan, const struct plan_rule *rule, const struct plan_call *call)
{
	uint64_t thread =
	    rule->scope == SCOPE_THREAD ? (uint32_t)call->tid & 0x3fffff : 0; /* pid_max is at most 2^22 */
	uint64_t owner =
	    UINT64_C(1) << 63 | (uint64_t)(rule->counter % PLAN_RULES) << 54 | thread << 32 | call->process;
	uint32_t mask = plan->slot_count - 1, at = (uint32_t)mix(owner);

	for (uint32_t i = 0; plan->slot_count && i < PROBES && i <= mask; i++, at++) {
		struct plan_slot *slot = &plan->slots[at & mask];
		uint64_t found = __atomic_load_n(&slot->owner, __ATOMIC_RELAXED);

		if (found == 0)
			__atomic_compare_exchange_n(&slot->owner, &found, owner, false, __ATOMIC_RELAXED,
						    __ATOMIC_RELAXED);
		if (found == 0 || found == owner)
			return __atomic_add_fetch(&slot->count, 1, __ATOMIC_RELAXED);
	}
	__atomic_fetch_add(&plan->overflow, 1, __ATOMIC_RELAXED);
	return 0;
}

static uint64_t count(struct plan *plan, const struct plan_rule *rule, const struct plan_call *call)
{
	uint64_t *matches = &plan->counters[rule->counter % PLAN_RULES].matches;
	uint64_t n = __atomic_add_fetch(matches, 1, __ATOMIC_RELAXED);

	return rule->scope == SCOPE_TREE ? n : count_scoped(plan, rule, call);
}

/* A command that no rule can name is taken only by a rule for every command. */
static bool has_command(const struct plan_rule *rule, const struct plan_call *call)
{
	return call->call != CALL_SHMCTL || rule->commands == shmctl_bits() ||
	       rule->commands & shmctl_bit((int32_t)call->args[1]);
}

static bool passes(const struct plan_rule *rule, const struct plan_call *call, plan_inside *inside)
{
	if (!has_command(rule, call))
		return false;
	if (rule->condition.op_count && !expression_is_true(&rule->condition, call->call, call->args))
		return false;
	return !rule->inside[0] || (inside && inside(rule->inside, call));
}

static void give_result(const struct plan_rule *rule, uint32_t index, unsigned call,
			struct plan_decision *decision)
{
	decision->rule = index + 1;
	decision->result = rule->result;
	decision->after = rule->after;
	decision->world = rule->world;
	decision->world_size = rule->world_size;
	decision->error = rule->error;
	decision->value = rule->result == RESULT_VALUE ? rule->value : (int64_t)call_row(call)->failure;
}

static void fire(struct plan *plan, uint32_t index, unsigned call, struct plan_decision *decision)
{
	const struct plan_rule *rule = &plan->rules[index];

	decision->fired |= UINT64_C(1) << index;
	if (rule->result != RESULT_NONE) {
		if (decision->rule) /* shadowed: it took place in part at most, and that is no hit */
			return;
		give_result(rule, index, call, decision);
		if (rule->result == RESULT_WORLD)
			return;
	}
	plan_hit(plan, index + 1);
}

/* Rules that share a counter count a call once and see the same number. */
struct seen {
	uint64_t counters; /* bit per counter: its number is known; 0: the call does not match */
	uint64_t numbers[PLAN_RULES];
};

static uint64_t number_of(struct plan *plan, const struct plan_rule *rule, const struct plan_call *call,
			  plan_inside *inside, struct seen *seen)
{
	uint32_t counter = rule->counter % PLAN_RULES;
	uint64_t bit = UINT64_C(1) << counter;

	if (!(seen->counters & bit)) {
		seen->counters |= bit;
		seen->numbers[counter] = passes(rule, call, inside) ? count(plan, rule, call) : 0;
	}
	return seen->numbers[counter];
}

void plan_decide(struct plan *plan, const struct plan_call *call, plan_inside *inside,
		 struct plan_decision *ret_decision)
{
	struct seen seen;
	uint64_t rules;

	memset(ret_decision, 0, sizeof(*ret_decision));
	if (call->call >= CALL_COUNT)
		return;
	seen.counters = 0; /* the rest is written before it is read */
	rules = __atomic_load_n(&plan->by_call[call->call], __ATOMIC_ACQUIRE) & call->roles;
	for (; rules; rules &= rules - 1) {
		uint32_t index = (uint32_t)__builtin_ctzll(rules);
		const struct plan_rule *rule = &plan->rules[index];
		uint64_t n = number_of(plan, rule, call, inside, &seen);

		if (n && fires(rule, index, plan->seed, n))
			fire(plan, index, call->call, ret_decision);
	}
}

uint64_t plan_roles(const struct plan *plan, const char *role, size_t length)
{
	uint64_t roles = ~plan->with_role;

	for (uint64_t rules = plan->with_role; rules; rules &= rules - 1) {
		uint32_t index = (uint32_t)__builtin_ctzll(rules);

		if (plan_glob(plan->rules[index].role, role, length))
			roles |= UINT64_C(1) << index;
	}
	return roles;
}
