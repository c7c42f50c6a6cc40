// SPDX-License-Identifier: MIT
// protocol: the plan as a thing in memory: its size, its index, its counts.
#include "plan.h"
#include "plan_expression.h"

#include <errno.h>
#include <string.h>

enum { SLOTS_WANTED = 16384 };

uint64_t plan_size(uint32_t slots)
{
	return sizeof(struct plan) + (uint64_t)slots * sizeof(struct plan_slot);
}

uint32_t plan_slots_wanted(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->rule_count && i < PLAN_RULES; i++)
		if (plan->rules[i].scope != SCOPE_TREE)
			return SLOTS_WANTED;
	return 0;
}

int plan_init(struct plan *plan, uint64_t size, uint64_t seed)
{
	uint32_t slots = 1;

	if (size < sizeof(*plan))
		return -EINVAL;
	while (slots < 1u << 30 && plan_size(slots * 2) <= size)
		slots *= 2;
	memset(plan, 0, size);
	memcpy(plan->magic, PLAN_MAGIC, sizeof(plan->magic));
	plan->size = size;
	plan->seed = seed;
	plan->slot_count = plan_size(slots) <= size ? slots : 0;
	return 0;
}

bool plan_is_valid(const struct plan *plan, uint64_t size)
{
	if (size < sizeof(*plan) || memcmp(plan->magic, PLAN_MAGIC, sizeof(plan->magic)) != 0)
		return false;
	if (plan->size != size || plan->rule_count > PLAN_RULES || plan->counter_count > PLAN_RULES)
		return false;
	if ((plan->slot_count & (plan->slot_count - 1)) || plan_size(plan->slot_count) > size)
		return false;
	for (uint32_t i = 0; i < plan->rule_count; i++)
		if (plan->rules[i].counter >= PLAN_RULES || plan->rules[i].condition.op_count > PLAN_OPS)
			return false;
	return true;
}

/* Bit per world that some rule of PLAN asks for. */
static uint32_t worlds_of(const struct plan *plan)
{
	uint32_t worlds = 0;

	for (uint32_t i = 0; i < plan->rule_count && i < PLAN_RULES; i++)
		if (plan->rules[i].world)
			worlds |= 1u << plan->rules[i].world % 32;
	return worlds;
}

void plan_index(struct plan *plan)
{
	uint64_t by_call[CALL_COUNT] = {0}, with_role = 0, counts_threads = 0, with_commands = 0,
		 range_fields = 0;
	unsigned ranges = 0;

	for (uint32_t i = 0; i < plan->rule_count; i++) {
		const struct plan_rule *rule = &plan->rules[i];
		uint64_t bit = UINT64_C(1) << i;

		if (plan_range_of(rule, &plan->ranges[ranges])) {
			range_fields |= 1u << plan->ranges[ranges].field;
			plan->ranges[ranges++].rule = bit;
		}
		if (rule->commands != shmctl_bits())
			with_commands |= bit;
		if (rule->role[0])
			with_role |= bit;
		if (rule->scope == SCOPE_THREAD)
			counts_threads |= bit;
		for (unsigned call = 0; call < CALL_COUNT; call++)
			if ((rule->calls & 1u << call) &&
			    !(rule->condition.fields & ~expression_fields_of(call)))
				by_call[call] |= bit;
	}
	plan->with_role = with_role;
	plan->with_commands = with_commands;
	plan->range_fields = range_fields;
	plan->range_count = ranges;
	plan->counts_threads = counts_threads;
	plan->remembers_keys = worlds_of(plan) & 1u << WORLD_COLLIDE;
	plan->opens_window = worlds_of(plan) & (1u << WORLD_FULL | 1u << WORLD_SMALL | 1u << WORLD_DENIED);
	/* Released last: a thread that sees the bit sees the rule. */
	for (unsigned call = 0; call < CALL_COUNT; call++)
		__atomic_store_n(&plan->by_call[call], by_call[call], __ATOMIC_RELEASE);
}

void plan_hit(struct plan *plan, uint32_t rule)
{
	if (rule && rule <= PLAN_RULES)
		__atomic_fetch_add(&plan->counters[rule - 1].hits, 1, __ATOMIC_RELAXED);
}

uint64_t plan_matches(const struct plan *plan, uint32_t index)
{
	uint32_t counter = index < PLAN_RULES ? plan->rules[index].counter : PLAN_RULES;

	return counter < PLAN_RULES ? __atomic_load_n(&plan->counters[counter].matches, __ATOMIC_RELAXED) : 0;
}

uint64_t plan_hits(const struct plan *plan, uint32_t index)
{
	return index < PLAN_RULES ? __atomic_load_n(&plan->counters[index].hits, __ATOMIC_RELAXED) : 0;
}

uint32_t plan_needs_namespace(const struct plan *plan)
{
	for (uint32_t i = 0; i < plan->rule_count && i < PLAN_RULES; i++) {
		const struct plan_world_row *row = plan_world_row(plan->rules[i].world);

		if (row && row->needs_namespace)
			return i + 1;
	}
	return 0;
}
