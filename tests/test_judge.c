// SPDX-License-Identifier: MIT
// tests: what is left, and whose it is: the kernel's table against the ledger.
#include "record_builder.h"

#include <errno.h>
#include <signal.h>

START_TEST(a_segment_that_stands_is_a_leak)
{
	start(1, START_FIRST, 0);
	made(1, 0x51, PAGE, 0);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_ERROR);
	ck_assert(first(FINDING_SEGMENT_LEAK)->segment.reach_key);
	ck_assert(first(FINDING_SEGMENT_LEAK)->segment.left);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->segment.creator_pid, PID_OF_ONE + 1);
}
END_TEST

START_TEST(a_removed_segment_is_no_leak)
{
	start(1, START_FIRST, 0);
	made(1, 0x51, PAGE, 0);
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found_above(SEVERITY_WARNING), 0);
}
END_TEST

START_TEST(a_negative_key_and_a_high_bit_are_ordinary)
{
	made(1, INT32_MIN, PAGE, 0);
	made(1, -2, PAGE, 32769);
	left(1, INT32_MIN, PAGE, 0);
	left(1, -2, PAGE, 32769);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 2);
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 0);
}
END_TEST

START_TEST(leaks_of_one_stack_are_one_finding_with_a_count)
{
	for (int i = 0; i < 5; i++) {
		stacked(made(1, 0, PAGE, i), 77);
		left(1, 0, PAGE, i);
	}
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 5);
	ck_assert_uint_eq(findings_count(&findings, SEVERITY_ERROR), 1);
	ck_assert_uint_eq(first(FINDING_SEGMENT_LEAK)->bytes, 5 * PAGE);
}
END_TEST

START_TEST(leaks_of_one_stack_with_two_keys_are_two_findings)
{
	stacked(made(1, 0x51, PAGE, 0), 77);
	stacked(made(1, 0x52, PAGE, 1), 77);
	left(1, 0x51, PAGE, 0);
	left(1, 0x52, PAGE, 1);
	judge();
	ck_assert_uint_eq(findings_count(&findings, SEVERITY_ERROR), 2);
}
END_TEST

static void named(struct record *start_record, const char *comm)
{
	memcpy(&start_record->detail[1], comm, strlen(comm));
}

START_TEST(leaks_of_one_stack_in_two_programs_are_two_findings)
{
	named(start(1, START_FIRST, 0), "one.py");
	named(start(2, START_FORK, 1), "two.py");
	stacked(made(1, 0, PAGE, 0), 77);
	stacked(made(2, 0, PAGE, 1), 77);
	left(1, 0, PAGE, 0);
	left(2, 0, PAGE, 1);
	judge();
	ck_assert_uint_eq(findings_count(&findings, SEVERITY_ERROR), 2);
}
END_TEST

START_TEST(a_new_segment_that_nobody_saw_is_unattributed)
{
	start(1, START_FIRST, 0);
	left(1, 0x51, PAGE, 3);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 1);
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 0);
}
END_TEST

START_TEST(a_segment_of_before_is_nobodys_business)
{
	in_table(&evidence.before, 9, 0x51, PAGE, 3);
	left(9, 0x51, PAGE, 3);
	judge();
	ck_assert_uint_eq(findings.count, 0);
}
END_TEST

START_TEST(without_isolation_only_segments_of_the_tree_count)
{
	evidence.isolation = ISOLATION_NONE;
	evidence.wall_begin = 100;
	start(1, START_FIRST, 0);
	left(9, 0x51, PAGE, 3)->ctime = 100;
	judge();
	ck_assert_uint_eq(findings.count, 0);
	left(1, 0x52, PAGE, 4)->ctime = 100;
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 1);
}
END_TEST

START_TEST(a_segment_older_than_the_run_is_not_of_the_tree_though_the_pid_is)
{
	evidence.isolation = ISOLATION_NONE;
	evidence.wall_begin = 100;
	start(1, START_FIRST, 0);
	left(1, 0x51, PAGE, 3)->ctime = 98;
	judge();
	ck_assert_uint_eq(findings.count, 0);
}
END_TEST

START_TEST(an_old_id_with_another_size_is_a_new_segment)
{
	in_table(&evidence.before, 9, 0x51, PAGE, 3);
	left(9, 0x51, 2 * PAGE, 3);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 1);
}
END_TEST

START_TEST(a_call_that_a_kill_interrupted_explains_its_segment)
{
	begun(get(1, 0x51, PAGE, IPC_CREAT | IPC_EXCL | 0600, 0));
	left(1, 0x51, PAGE, 3);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 0);
}
END_TEST

START_TEST(a_call_of_unknown_outcome_by_another_process_explains_nothing)
{
	start(2, START_FIRST, 0);
	begun(get(1, 0x51, PAGE, IPC_CREAT | IPC_EXCL | 0600, 0));
	left(2, 0x51, PAGE, 3);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 1);
}
END_TEST

START_TEST(an_interrupted_creation_that_left_nothing_is_no_disagreement)
{
	begun(get(1, 0, PAGE, 0600, 0));
	judge();
	ck_assert_uint_eq(findings.count, 0);
}
END_TEST

START_TEST(a_live_segment_that_the_kernel_lacks_has_vanished)
{
	made(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_VANISHED), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_VANISHED)->severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(the_kernel_may_remove_orphans_where_it_is_told_to)
{
	evidence.removes_orphans = true;
	made(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_VANISHED), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_VANISHED)->severity, SEVERITY_NOTE);
}
END_TEST

START_TEST(an_outsider_may_remove_what_is_not_isolated)
{
	evidence.isolation = ISOLATION_NONE;
	made(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found_above(SEVERITY_WARNING), 0);
}
END_TEST

START_TEST(an_interrupted_removal_leaves_the_word_to_the_kernel)
{
	made(1, 0x51, PAGE, 0);
	begun(removed(1, 0));
	judge();
	ck_assert_uint_eq(findings.count, 0);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_uint_eq(findings.count, 1);
}
END_TEST

START_TEST(a_removal_that_the_kernel_denies_is_a_disagreement)
{
	made(1, 0x51, PAGE, 0);
	removed(1, 0);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 1);
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 0);
}
END_TEST

START_TEST(what_a_survivor_made_or_holds_is_held)
{
	struct survivor survivor = {.pid = PID_OF_ONE + 2};

	evidence.survivors = &survivor;
	evidence.survivor_count = 1;
	made(2, 0x51, PAGE, 0);
	left(2, 0x51, PAGE, 0);
	made(1, 0x52, PAGE, 1);
	attach(2, 1, 0x700000);
	left(1, 0x52, PAGE, 1)->nattch = 1;
	made(1, 0x53, PAGE, 2);
	left(1, 0x53, PAGE, 2);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_HELD), 2);
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 0);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->segment.shmid, 2);
}
END_TEST

START_TEST(a_survivor_does_not_hold_what_an_earlier_process_of_its_pid_had)
{
	struct survivor survivor = {.pid = PID_OF_ONE + 2};

	evidence.survivors = &survivor;
	evidence.survivor_count = 1;
	start(1, START_FIRST, 0);
	made(1, 0x51, PAGE, 0);
	start(2, START_FORK, 1);
	attach(2, 0, 0x700000);
	start(3, START_FORK, 1)->pid = PID_OF_ONE + 2;
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_uint_eq(found(FINDING_SEGMENT_HELD), 0);
}
END_TEST

START_TEST(a_survivor_holds_what_it_inherited_by_fork)
{
	struct survivor survivor = {.pid = PID_OF_ONE + 2};

	evidence.isolation = ISOLATION_NONE;
	evidence.survivors = &survivor;
	evidence.survivor_count = 1;
	start(1, START_FIRST, 0);
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000);
	forked(1, 2);
	detach(1, 0x700000);
	start(2, START_FORK, 1);
	left(1, 0x51, PAGE, 0)->nattch = 1;
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_HELD), 1);
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 0);
	ck_assert_ptr_nonnull(
	    strstr(first(FINDING_SEGMENT_HELD)->detail, "a process that lives on has it attached"));
}
END_TEST

START_TEST(what_stands_at_the_deadline_is_no_leak)
{
	evidence.timed_out = true;
	made(1, 0x51, PAGE, 0);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_LEFT_AT_TIMEOUT), 1);
	ck_assert_uint_eq(found_above(SEVERITY_WARNING), 0);
}
END_TEST

START_TEST(a_removed_segment_that_an_outsider_holds_is_pinned)
{
	struct kernel_segment *row;

	evidence.isolation = ISOLATION_NONE;
	made(1, 0x51, PAGE, 0);
	removed(1, 0);
	row = left(1, 0, PAGE, 0);
	row->mode |= SEGMENT_DEST;
	row->nattch = 1;
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_PINNED), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_PINNED)->segment.key, 0x51);
	row->nattch = 0;
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_PINNED), 0);
}
END_TEST

START_TEST(a_real_failure_to_remove_excuses_nothing)
{
	made(1, 0x51, PAGE, 0);
	failed(removed(1, 0), EPERM);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->severity, SEVERITY_ERROR);
	ck_assert_uint_eq(first(FINDING_SEGMENT_LEAK)->segment.removal_attempts, 1);
}
END_TEST

START_TEST(a_reused_id_is_judged_by_its_last_life)
{
	made(1, 0x51, PAGE, 7);
	removed(1, 7);
	made(1, 0x52, 2 * PAGE, 7);
	left(1, 0x52, 2 * PAGE, 7);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->segment.key, 0x52);
}
END_TEST

START_TEST(a_raced_creation_is_settled_by_the_pid_in_the_table)
{
	get(1, 0x51, PAGE, IPC_CREAT | 0600, 7)->flags |= RECORD_CREATED_UNKNOWN;
	left(1, 0x51, PAGE, 7);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	evidence.after.segments[0].cpid++;
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 0);
	ck_assert_uint_eq(found(FINDING_SEGMENT_UNATTRIBUTED), 1);
}
END_TEST

START_TEST(a_second_judgement_is_the_first)
{
	struct findings again = {0};

	made(1, 0x51, PAGE, 0);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_int_eq(ledger_judge(built_ledger, &evidence, &again), 0);
	ck_assert_uint_eq(again.count, findings.count);
	ck_assert_uint_eq(again.list[0].count, 1);
	findings_free(&again);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    a_segment_that_stands_is_a_leak,
	    a_removed_segment_is_no_leak,
	    a_negative_key_and_a_high_bit_are_ordinary,
	    leaks_of_one_stack_are_one_finding_with_a_count,
	    leaks_of_one_stack_with_two_keys_are_two_findings,
	    leaks_of_one_stack_in_two_programs_are_two_findings,
	    a_new_segment_that_nobody_saw_is_unattributed,
	    a_segment_of_before_is_nobodys_business,
	    without_isolation_only_segments_of_the_tree_count,
	    a_segment_older_than_the_run_is_not_of_the_tree_though_the_pid_is,
	    an_old_id_with_another_size_is_a_new_segment,
	    a_call_that_a_kill_interrupted_explains_its_segment,
	    a_call_of_unknown_outcome_by_another_process_explains_nothing,
	    an_interrupted_creation_that_left_nothing_is_no_disagreement,
	    a_live_segment_that_the_kernel_lacks_has_vanished,
	    the_kernel_may_remove_orphans_where_it_is_told_to,
	    an_outsider_may_remove_what_is_not_isolated,
	    an_interrupted_removal_leaves_the_word_to_the_kernel,
	    a_removal_that_the_kernel_denies_is_a_disagreement,
	    what_a_survivor_made_or_holds_is_held,
	    a_survivor_does_not_hold_what_an_earlier_process_of_its_pid_had,
	    a_survivor_holds_what_it_inherited_by_fork,
	    what_stands_at_the_deadline_is_no_leak,
	    a_removed_segment_that_an_outsider_holds_is_pinned,
	    a_real_failure_to_remove_excuses_nothing,
	    a_reused_id_is_judged_by_its_last_life,
	    a_raced_creation_is_settled_by_the_pid_in_the_table,
	    a_second_judgement_is_the_first,
	};

	return run_suite("judge", tests, sizeof(tests) / sizeof(*tests));
}
