// SPDX-License-Identifier: MIT
// tests: what rules did and the program did not: what is excused, and the fault that came before a finding.
#include "record_builder.h"

#include <errno.h>
#include <signal.h>

START_TEST(what_our_own_failure_left_is_excused)
{
	evidence.program_status = 1 << 8;
	made(1, 0x51, PAGE, 0);
	injected(removed(1, 0), EPERM);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_NOTE);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.event, CALL_SHMCTL);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.error, EPERM);
}
END_TEST

START_TEST(who_does_not_notice_our_failure_is_warned)
{
	made(1, 0x51, PAGE, 0);
	injected(removed(1, 0), EPERM);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_WARNING);
	/* the twins: tried again, or told that it had worked */
	injected(removed(1, 0), EPERM);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_NOTE);
	builder_reset();
	made(1, 0x51, PAGE, 0);
	removed(1, 0)->flags = RECORD_INJECTED;
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_NOTE);
}
END_TEST

START_TEST(an_attachment_that_our_failure_left_is_excused_or_warned_of)
{
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000);
	injected(detach(1, 0x700000), EINVAL);
	removed(1, 0);
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 1);
	ck_assert_int_eq(first(FINDING_ATTACH_LEAK)->severity, SEVERITY_WARNING);
	evidence.program_status = 1 << 8;
	judge();
	ck_assert_int_eq(first(FINDING_ATTACH_LEAK)->severity, SEVERITY_NOTE);
	ck_assert_int_eq(first(FINDING_ATTACH_LEAK)->after.event, CALL_SHMDT);
}
END_TEST

START_TEST(an_attachment_that_was_detached_at_the_second_try_is_none)
{
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000);
	injected(detach(1, 0x700000), EINVAL);
	detach(1, 0x700000);
	removed(1, 0);
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_uint_eq(found_above(SEVERITY_WARNING), 0);
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 0);
}
END_TEST

START_TEST(after_a_kill_that_a_rule_sent_a_leak_is_a_warning)
{
	start(1, START_FIRST, 0);
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000)->args[RECORD_SIGNALS] = RECORD_SIGNAL(SIGKILL);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_WARNING);
	/* another signal, or another process, is no excuse */
	built[built_count - 1].args[RECORD_SIGNALS] = RECORD_SIGNAL(SIGTERM);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_ERROR);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.event, CALL_SHMAT);
	built[built_count - 1].args[RECORD_SIGNALS] = RECORD_SIGNAL(SIGKILL);
	built[built_count - 1].process = 2;
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(the_fault_that_preceded_a_leak_is_the_latest_of_the_closest)
{
	made(1, 0x51, PAGE, 0);
	injected(attach(1, 0, 0), ENOMEM);
	made(1, 0x52, PAGE, 1);
	injected(attach(1, 1, 0), EACCES);
	removed(1, 1);
	injected(get(2, 0x53, PAGE, IPC_CREAT | 0600, -1), ENOSPC);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.error, ENOMEM); /* of that segment */
	built[1].flags = RECORD_FAILED;
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.error, EACCES); /* of that process */
	built[3].flags = RECORD_FAILED;
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.error, ENOSPC); /* of anybody */
	built[5].flags = RECORD_FAILED;
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->after.state, RECORD_FREE);
}
END_TEST

START_TEST(a_fault_that_came_later_did_not_precede)
{
	get(1, 0x51, PAGE, 0, -1)->flags |= RECORD_FAILED;
	built[0].error = ENOENT;
	failed(attach(1, -1, 0), EINVAL);
	injected(detach(1, 0x700000), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 1);
	ck_assert_int_eq(first(FINDING_FAILED_RESULT_USED)->after.state, RECORD_FREE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    what_our_own_failure_left_is_excused,
	    who_does_not_notice_our_failure_is_warned,
	    an_attachment_that_our_failure_left_is_excused_or_warned_of,
	    an_attachment_that_was_detached_at_the_second_try_is_none,
	    after_a_kill_that_a_rule_sent_a_leak_is_a_warning,
	    the_fault_that_preceded_a_leak_is_the_latest_of_the_closest,
	    a_fault_that_came_later_did_not_precede,
	};

	return run_suite("judge_faults", tests, sizeof(tests) / sizeof(tests[0]));
}
