// SPDX-License-Identifier: MIT
// shim: shmcheck.h: the program's own rules.
#include "shim/api.h"

#include "include/shmcheck.h"
#include "protocol/plan_text.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum { SLOTS = 4096, RETIRED = 8, WHY = 256 };

struct plan *shim_own_plan;

/* Who made the plan in use: another process's is read, never changed. Under the API's lock. */
static uint32_t plan_owner;

/* Plans that were cleared, of this process: a call that is under way may still read one, so that it is used again as
 * late as possible. Under the lock. */
static struct {
	struct plan *plan;
	uint32_t owner;
} retired[RETIRED];
static unsigned next_retired;

static _Thread_local char why[WHY];

static struct plan *current(void)
{
	return __atomic_load_n(&shim_own_plan, __ATOMIC_ACQUIRE);
}

/* An empty plan in memory that children share. */
static struct plan *make_plan(void)
{
	struct plan *plan = retired[next_retired].plan;
	uint64_t size = plan_size(SLOTS);
	long memory;

	if (!plan || retired[next_retired].owner != shim_identity.serial) {
		memory = raw_syscall(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (raw_failed(memory))
			return NULL;
		plan = (struct plan *)memory;
	}
	retired[next_retired].plan = NULL;
	plan_init(plan, size, 0);
	return plan;
}

static void retire(struct plan *plan)
{
	retired[next_retired].plan = plan;
	retired[next_retired].owner = plan_owner;
	next_retired = (next_retired + 1) % RETIRED;
}

/* The plan that new rules go into. What the parent set before the fork comes along, with its counts so far. */
static struct plan *writable_plan(void)
{
	struct plan *inherited = current(), *plan;

	if (inherited && plan_owner == shim_identity.serial)
		return inherited;
	plan = make_plan();
	if (!plan || !inherited)
		return plan;
	memcpy(plan->rules, inherited->rules, sizeof(plan->rules));
	memcpy(plan->counters, inherited->counters, sizeof(plan->counters));
	plan->rule_count = inherited->rule_count;
	plan->counter_count = inherited->counter_count;
	plan_index(plan);
	return plan;
}

static void set_why(const char *text)
{
	struct out out = {.text = why, .size = sizeof(why)};

	why[0] = '\0';
	out_text(&out, text);
}

/* Without the command nobody tells us that the namespace is ours alone, and nobody takes away what a world planted. */
static int refuse_world(const char *rule)
{
	struct plan *trial = make_plan();
	struct plan_error error;
	uint32_t needy = 0;

	if (trial && plan_parse(trial, rule, strlen(rule), &error) == 0)
		needy = plan_needs_namespace(trial);
	if (trial) {
		retired[next_retired].plan = trial;
		retired[next_retired].owner = shim_identity.serial;
	}
	if (!needy)
		return 0;
	set_why("this world= needs an IPC namespace of the run's own: give the rule to the command, "
		"shmcheck run --inject=RULE");
	return -EPERM;
}

static int add(const char *rule)
{
	struct plan_error error;
	struct plan *plan;
	uint32_t before;
	int code = api_begin();

	code = code ? code : refuse_world(rule);
	plan = code ? NULL : writable_plan();
	if (!plan) {
		if (!code || code == -ENOMEM)
			set_why("no memory for rules");
		return code ? code : -ENOMEM;
	}
	before = plan->rule_count;
	code = plan_parse(plan, rule, strlen(rule), &error);
	if (code)
		plan_error_line(&error, rule, why, sizeof(why));
	else if (plan->rule_count == before)
		set_why("there is no rule in it");
	plan_owner = shim_identity.serial;
	__atomic_store_n(&shim_own_plan, plan, __ATOMIC_RELEASE);
	if (code)
		return code;
	return plan->rule_count == before ? -EINVAL : (int)plan->rule_count - 1;
}

EXPORT int shmcheck_inject(const char *rule)
{
	int result = -EINVAL;

	why[0] = '\0';
	if (rule) {
		api_lock();
		result = add(rule);
		api_unlock();
	} else {
		set_why("no rule: NULL");
	}
	return (int)raw_to_libc(result);
}

EXPORT const char *shmcheck_error(void)
{
	return why;
}

EXPORT void shmcheck_clear(void)
{
	struct plan *plan;

	api_lock();
	plan = __atomic_exchange_n(&shim_own_plan, NULL, __ATOMIC_ACQ_REL);
	if (plan)
		retire(plan);
	api_unlock();
}

static bool has_rule(const struct plan *plan, int number)
{
	return plan && number >= 0 && (uint32_t)number < plan->rule_count;
}

EXPORT long long shmcheck_hits(int number)
{
	const struct plan *plan = current();

	return has_rule(plan, number) ? (long long)plan_hits(plan, (uint32_t)number) : -1;
}

EXPORT long long shmcheck_matches(int number)
{
	const struct plan *plan = current();

	return has_rule(plan, number) ? (long long)plan_matches(plan, (uint32_t)number) : -1;
}

EXPORT int shmcheck_missed(char *text, size_t size)
{
	const struct plan *plan = current();
	int missed = 0;

	if (text && size)
		text[0] = '\0';
	for (uint32_t i = 0; plan && i < plan->rule_count; i++) {
		const struct plan_rule *rule = &plan->rules[i];

		if (rule->expect_any || plan_hits(plan, i))
			continue;
		if (missed++ == 0 && text && size)
			plan_print(rule, text, size);
	}
	return missed;
}
