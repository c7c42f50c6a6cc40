// SPDX-License-Identifier: MIT
// shim: has a decision's effects take place around one call.
#include "shim/inject.h"
#include "shim/inject_key.h"
#include "shim/inject_limit.h"
#include "shim/inject_world.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <sys/syscall.h>
#include <time.h>

enum { SECOND = 1000000000 };

/* To an absolute time, so that a signal that interrupts it makes it no longer. */
static void delay(uint64_t ns)
{
	struct timespec until = {0};
	uint64_t nanoseconds;

	if (!ns || raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&until, 0, 0, 0, 0))
		return;
	nanoseconds = (uint64_t)until.tv_nsec + ns % SECOND;
	until.tv_sec += (time_t)(ns / SECOND + nanoseconds / SECOND);
	until.tv_nsec = (long)(nanoseconds % SECOND);
	while (raw_syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, (long)&until, 0, 0, 0) ==
	       -EINTR)
		continue;
}

/* To the calling thread, which is where the call was made; the kernel's own ids, as fork may just have happened. */
static void send(int signal)
{
	long process = raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	long thread = raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);

	raw_syscall(SYS_tgkill, process, thread, signal, 0, 0, 0);
}

static void delay_all(const struct plan *plan, uint64_t fired, bool is_enter)
{
	uint64_t ns = 0;

	for (uint64_t rules = fired; rules; rules &= rules - 1) {
		const struct plan_rule *rule = &plan->rules[__builtin_ctzll(rules)];
		uint64_t more = is_enter ? rule->delay_enter_ns : rule->delay_exit_ns;

		ns = ns + more < ns ? UINT64_MAX : ns + more;
	}
	delay(ns > INT64_MAX ? INT64_MAX : ns);
}

static void send_all(const struct plan *plan, uint64_t fired, bool is_enter)
{
	for (uint64_t rules = fired; rules; rules &= rules - 1) {
		const struct plan_rule *rule = &plan->rules[__builtin_ctzll(rules)];

		if (rule->signal && rule->signal_enter == is_enter)
			send(rule->signal);
	}
}

static void note_world(struct plan *plan, const struct inject *inject)
{
	if (inject->world_made)
		plan_hit(plan, inject->decision.rule);
	else
		__atomic_fetch_or(&plan->world_failed, UINT64_C(1) << (inject->decision.rule - 1),
				  __ATOMIC_RELAXED);
}

void inject_before(struct plan *plan, const struct plan_call *call, struct inject *ret_inject)
{
	struct plan_decision *decision = &ret_inject->decision;

	ret_inject->reserved_size = 0;
	ret_inject->world_made = ret_inject->limit_changed = ret_inject->is_denied = false;
	ret_inject->planted = NULL;
	plan_decide(plan, call, inject_is_inside, decision);
	if (decision->fired)
		delay_all(plan, decision->fired, true);
}

bool inject_signals_first(const struct plan *plan, const struct inject *inject)
{
	for (uint64_t rules = inject->decision.fired; rules; rules &= rules - 1)
		if (plan->rules[__builtin_ctzll(rules)].signal_enter)
			return true;
	return false;
}

void inject_enter(struct plan *plan, const struct plan_call *call, struct inject *inject)
{
	struct plan_decision *decision = &inject->decision;

	if (decision->fired)
		send_all(plan, decision->fired, true);
	if (decision->result != RESULT_WORLD)
		return;
	if (decision->world == WORLD_COLLIDE) /* takes the real key first: inject_result */
		return;
	inject->world_made = world_make(plan, call, inject);
	note_world(plan, inject);
}

/* The key of another path, when one was handed out before; else this one is remembered. */
static int64_t collide(struct plan *plan, struct inject *inject, const struct plan_call *call, int64_t key)
{
	const char *path = (const char *)(uintptr_t)call->args[0];
	int32_t other;

	if (inject->decision.world != WORLD_COLLIDE) {
		key_remember(plan, path, (int32_t)key);
		return key;
	}
	inject->world_made = key_other(plan, path, &other);
	note_world(plan, inject);
	if (!inject->world_made) /* the first: the next path gets this one */
		key_remember(plan, path, (int32_t)key);
	return inject->world_made ? other : key;
}

/* What a forged result says: typed by the call, and errno only for error=. */
static int64_t forge(const struct inject *inject, int64_t result, int *error, struct record *record)
{
	const struct plan_decision *decision = &inject->decision;

	record->flags |= RECORD_INJECTED;
	if (decision->after) {
		record->flags |= RECORD_AFTER;
		record->detail[0] = (uint64_t)result;
	}
	record->flags &= (uint16_t)~RECORD_FAILED;
	if (decision->result == RESULT_ERROR) {
		*error = decision->error;
		record->flags |= RECORD_FAILED;
		return -1;
	}
	*error = 0;
	return record->event == CALL_SHMAT ? decision->value : (int64_t)(int32_t)decision->value;
}

void inject_note(const struct plan *plan, const struct inject *inject, struct record *record)
{
	for (uint64_t rules = inject->decision.fired; rules; rules &= rules - 1) {
		uint32_t index = (uint32_t)__builtin_ctzll(rules);
		const struct plan_rule *rule = &plan->rules[index];

		if (rule->signal)
			record->args[RECORD_SIGNALS] |= RECORD_SIGNAL(rule->signal);
		if (rule->delay_enter_ns || rule->delay_exit_ns)
			record->flags |= RECORD_DELAYED;
		if ((rule->signal || record->flags & RECORD_DELAYED) && !record->rule)
			record->rule = index + 1;
	}
}

int64_t inject_result(struct plan *plan, const struct plan_call *call, struct inject *inject, int64_t result,
		      int *error, struct record *record)
{
	if (inject->reserved_size || inject->limit_changed || inject->is_denied)
		world_restore(plan, inject);
	if (record->event == CALL_FTOK && result != -1 && plan->remembers_keys)
		result = collide(plan, inject, call, result);
	if (inject->world_made) {
		record->flags |= RECORD_WORLD;
		record->rule = inject->decision.rule;
		return result;
	}
	if (!inject->decision.rule || inject->decision.result == RESULT_WORLD)
		return result;
	record->rule = inject->decision.rule;
	return forge(inject, result, error, record);
}

void inject_after(const struct plan *plan, const struct inject *inject)
{
	if (!inject->decision.fired)
		return;
	delay_all(plan, inject->decision.fired, false);
	send_all(plan, inject->decision.fired, false);
}
