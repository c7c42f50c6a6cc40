// SPDX-License-Identifier: MIT
// shim: the one shape of every watched call: decide, begin, call or fail, record, return.
#include "shim/watch.h"

#include "shim/api.h"
#include "shim/stack.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

/* The rules that our role meets; worked out again when the identity changes. */
static uint64_t roles_of_this_process(const struct plan *plan)
{
	static uint64_t roles;
	static uint32_t serial; /* atomic: whose roles they are */
	if (__atomic_load_n(&serial, __ATOMIC_ACQUIRE) != shim_identity.serial) {
		roles = plan_roles(plan, shim_identity.role, strlen(shim_identity.role));
		__atomic_store_n(&serial, shim_identity.serial, __ATOMIC_RELEASE);
	}
	return roles;
}

static void ask(struct watch *watch, struct plan *plan, uint64_t roles, unsigned call,
		const struct registers *registers)
{
	if (!plan_concerns(plan, call, roles))
		return;
	bool remembers = call == CALL_FTOK && plan->remembers_keys;
	roles = plan_sift(plan, call, roles, watch->args);
	if (!roles && !remembers)
		return;
	watch->plan = plan;
	watch->inject = (struct inject){0};
	watch->call = (struct plan_call){
	    .call = call,
	    .args = watch->args,
	    .process = shim_identity.serial,
	    .tid = plan->counts_threads ? (int32_t)raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0) : 0,
	    .roles = roles,
	    .caller = registers->caller,
	    .stack = ARCH_CAPTURES ? registers->value[REGISTER_SP] : 0};
	inject_before(plan, &watch->call, &watch->inject);
	if (!watch->inject.decision.fired && !watch->inject.decision.rule && !remembers)
		watch->plan = NULL; /* nothing is to happen to it */
}

/* The program's own rules come first; a call that one of them acts on is none of the command's business. */
static void decide(struct watch *watch, unsigned call, const struct registers *registers)
{
	struct plan *own = __atomic_load_n(&shim_own_plan, __ATOMIC_ACQUIRE);
	if (UNLIKELY(own)) {
		ask(watch, own, plan_roles(own, shim_identity.role, strlen(shim_identity.role)), call,
		    registers);
		if (watch->plan && (watch->inject.decision.fired || watch->inject.decision.rule))
			return;
		watch->plan = NULL;
	}
	struct plan *plan = session_plan(shim_session);
	if (UNLIKELY(plan))
		ask(watch, plan, roles_of_this_process(plan), call, registers);
}

static bool is_of_session(const struct plan *plan)
{
	return plan == session_plan(shim_session);
}

static void begin_record(struct watch *watch, unsigned call, uint32_t flags,
			 const struct registers *registers)
{
	watch->entry = append_take_inline(call, flags);
	struct record *record = watch->entry.record;
	watch->origin = (struct book_origin){.caller = registers->caller};
	if (watch_wants_stack(call) && (record || book_is_open()))
		watch->origin.stack = stack_capture(registers);
	if (UNLIKELY(!record))
		return;
	memcpy(record->args, watch->args, sizeof record->args);
	record->stack = watch->origin.stack;
	record->detail[3] = registers->caller;
	if (UNLIKELY(watch->plan))
		inject_note(watch->plan, &watch->inject, record);
	append_begin(&watch->entry);
}

void watch_begin(struct watch *watch, unsigned call, uint32_t flags, const struct registers *registers)
{
	watch->error = &errno;
	watch->errno_before = *watch->error;
	watch->plan = NULL;
	if (UNLIKELY(order_is_used()))
		order_reach(&watch->order, call, watch->args, NULL);
	decide(watch, call, registers);
	bool signals_first = UNLIKELY(watch->plan) && inject_signals_first(watch->plan, &watch->inject);
	if (UNLIKELY(watch->plan) && !signals_first)
		inject_enter(watch->plan, &watch->call, &watch->inject);
	begin_record(watch, call, flags, registers);
	if (UNLIKELY(signals_first))
		inject_enter(watch->plan, &watch->call, &watch->inject);
}

int64_t watch_end(struct watch *watch, int64_t result, watch_detail *detail)
{
	int error = result == -1 ? *watch->error : 0;
	struct record spare;
	struct record *record = append_result(&watch->entry);
	if (UNLIKELY(!record)) {
		memset(&spare, 0, sizeof spare);
		record = &spare;
	}
	if (UNLIKELY(watch->plan)) {
		result = inject_result(watch->plan, &watch->call, &watch->inject, result, &error, record);
		if (record->rule && !is_of_session(watch->plan))
			record->flags |= RECORD_OWN;
	}
	record->result = result;
	record->error = error;
	if (result == -1)
		record->flags |= RECORD_FAILED;
	if (detail)
		detail(watch, record);
	append_end(record, watch->only_looks);
	if (UNLIKELY(watch->order.count))
		order_pass(&watch->order);
	if (UNLIKELY(watch->plan))
		inject_after(watch->plan, &watch->inject);
	*watch->error = result == -1 && error ? error : watch->errno_before;
	return result;
}
