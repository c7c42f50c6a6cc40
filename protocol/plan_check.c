// SPDX-License-Identifier: MIT
// protocol: a rule's contradictions: what can be read and yet makes no sense is refused, never guessed at.
#include "plan_expression.h"
#include "plan_key.h"

#include <errno.h>
#include <limits.h>
#include <sys/shm.h>

static bool has(const struct rule_reader *reader, enum plan_key key)
{
	return reader->given[key].text != NULL;
}

static int contradict(struct rule_reader *reader, enum plan_key key, const char *what, const char *expected)
{
	return rule_fail(reader, reader->given[key], what, expected, NULL);
}

static int check_result(struct rule_reader *reader)
{
	if (has(reader, KEY_ERROR) && has(reader, KEY_RETVAL))
		return contradict(reader, KEY_RETVAL, "error and retval contradict each other",
				  "one of them");
	if (has(reader, KEY_WORLD) && (has(reader, KEY_ERROR) || has(reader, KEY_RETVAL)))
		return contradict(reader, KEY_WORLD, "world and a forged result contradict each other",
				  "world, or error, or retval");
	if (has(reader, KEY_WORLD) && has(reader, KEY_EFFECT))
		return contradict(reader, KEY_EFFECT,
				  "a world has the real call made: effect says nothing there", NULL);
	if (has(reader, KEY_EFFECT) && !has(reader, KEY_ERROR) && !has(reader, KEY_RETVAL))
		return contradict(reader, KEY_EFFECT, "effect without a result", "error or retval beside it");
	return 0;
}

/* An int is what all but shmat return; 0xdeadbeef is accepted as the bits of one. */
static int check_retval(struct rule_reader *reader)
{
	const struct plan_rule *rule = reader->rule;

	if (!has(reader, KEY_RETVAL) || rule->calls == 1 << CALL_SHMAT)
		return 0;
	if (rule->value < INT_MIN || rule->value > (int64_t)UINT_MAX)
		return contradict(reader, KEY_RETVAL, "this does not fit in the int that the call returns",
				  "at most 32 bits");
	return 0;
}

/* EPERM of SET and RMID cannot be made: the owner may do both. */
static bool can_deny(const struct plan_rule *rule)
{
	return rule->commands & (shmctl_bit(IPC_STAT) | shmctl_bit(SHM_STAT)) ||
	       rule->calls & ~(1u << CALL_SHMCTL);
}

static int check_world(struct rule_reader *reader)
{
	const struct plan_world_row *row = plan_world_row(reader->rule->world);

	if (row && (reader->rule->calls & ~row->calls))
		return contradict(reader, KEY_WORLD, "this world changes nothing for one of these calls",
				  reader->rule->world == WORLD_COLLIDE    ? "ftok"
				  : reader->rule->world == WORLD_RELOCATE ? "shmat"
				  : row->calls == 1 << CALL_SHMGET        ? "shmget"
									  : "shmget, shmat or shmctl");
	if (reader->rule->world == WORLD_DENIED && !can_deny(reader->rule))
		return contradict(reader, KEY_WORLD,
				  "these commands are not denied to the owner, whatever the mode",
				  "shmctl.STAT");
	return 0;
}

/* A condition on what a call does not have could never be met: that is a mistake, not a filter. `all` means
 * those that have it. */
static int check_condition(struct rule_reader *reader)
{
	struct plan_rule *rule = reader->rule;
	uint8_t all = (1 << CALL_COUNT) - 1, with = 0;

	for (unsigned call = 0; call < CALL_COUNT; call++)
		if ((rule->calls & 1u << call) && !(rule->condition.fields & ~expression_fields_of(call)))
			with |= (uint8_t)(1u << call);
	if (!with || (rule->calls != all && with != rule->calls))
		return contradict(
		    reader, KEY_IF, "a call of this rule does not have that argument",
		    "ftok: id; shmget: key, size, flags, create; shmat: id, addr, flags; shmdt: addr; "
		    "shmctl: id, cmd");
	return 0;
}

int rule_check(struct rule_reader *reader, struct word head)
{
	struct plan_rule *rule = reader->rule;
	bool has_result = has(reader, KEY_ERROR) || has(reader, KEY_RETVAL) || has(reader, KEY_WORLD);
	int error = check_result(reader);

	if (!error)
		error = check_retval(reader);
	if (!error)
		error = check_world(reader);
	if (!error)
		error = check_condition(reader);
	if (error)
		return error;
	if (!has_result && !rule->signal && !rule->delay_enter_ns && !rule->delay_exit_ns)
		return rule_fail(reader, head, "this rule has no effect",
				 "error, retval, world, signal, delay_enter or delay_exit", NULL);
	rule->result = has(reader, KEY_ERROR)    ? RESULT_ERROR
		       : has(reader, KEY_RETVAL) ? RESULT_VALUE
		       : has(reader, KEY_WORLD)  ? RESULT_WORLD
						 : RESULT_NONE;
	if (!has(reader, KEY_WHEN))
		rule->when = (struct plan_when){.first = 1, .last = PLAN_FOREVER, .step = 1};
	if (!has(reader, KEY_P))
		rule->p = PLAN_CERTAIN;
	if (!has(reader, KEY_EXPECT))
		rule->expect_any = rule->p != PLAN_CERTAIN;
	return 0;
}
