// SPDX-License-Identifier: MIT
// tests: crashes whose address tells what was wrong, and which ones are whose.
#include "record_builder.h"

#include <errno.h>
#include <signal.h>

/* (void *)-1 is used; the kernel's log has a crash at it of that pid. */
static void use_what_was_not_attached(enum crash_source source, bool has_ended)
{
	struct crash crash = {.pid = PID_OF_ONE + 1,
			      .signal = SIGSEGV,
			      .source = source,
			      .has_address = true,
			      .address = UINT64_MAX};

	evidence.crashes = &crash;
	evidence.crash_count = 1;
	start(1, START_FIRST, 0);
	failed(attach(1, 0, 0), ENOMEM);
	if (has_ended)
		event(EVENT_EXIT, 1);
	judge();
}

START_TEST(a_crash_in_the_kernels_log_is_that_of_the_process)
{
	use_what_was_not_attached(CRASH_KERNEL_LOG, false);
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 1);
}
END_TEST

START_TEST(a_crash_in_the_kernels_log_is_not_that_of_a_process_that_has_ended)
{
	use_what_was_not_attached(CRASH_KERNEL_LOG, true);
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 0);
}
END_TEST

START_TEST(a_traced_crash_is_that_of_the_process_in_any_case)
{
	use_what_was_not_attached(CRASH_TRACED, true);
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 1);
}
END_TEST

/* How many are found when what was detached is touched, as far as the clock tells, at TIME_NS (0: unknown). */
static uint64_t uses_after_detach(uint64_t time_ns)
{
	struct crash crash = {.pid = PID_OF_ONE + 1,
			      .signal = SIGSEGV,
			      .code = SEGV_MAPERR,
			      .source = CRASH_TRACED,
			      .has_address = true,
			      .address = 0x700010,
			      .time_ns = time_ns};

	builder_reset();
	start(1, START_FIRST, 0);
	made(1, 0, PAGE, 0);
	attach(1, 0, 0x700000);
	at(detach(1, 0x700000), 5000, 5010);
	removed(1, 0);
	evidence.crashes = &crash;
	evidence.crash_count = 1;
	judge();
	return found(FINDING_USE_AFTER_DETACH);
}

START_TEST(only_a_crash_after_the_detach_is_its_fault)
{
	ck_assert_uint_eq(uses_after_detach(6000), 1);
	ck_assert_uint_eq(uses_after_detach(0), 1);
	ck_assert_uint_eq(uses_after_detach(5005), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    a_crash_in_the_kernels_log_is_that_of_the_process,
	    a_crash_in_the_kernels_log_is_not_that_of_a_process_that_has_ended,
	    a_traced_crash_is_that_of_the_process_in_any_case,
	    only_a_crash_after_the_detach_is_its_fault,
	};

	return run_suite("judge_crash", tests, sizeof(tests) / sizeof(*tests));
}
