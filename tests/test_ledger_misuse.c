// SPDX-License-Identifier: MIT
// tests: each finding about handles and habits: a guilty log and its innocent twin.
#include "record_builder.h"

#include <errno.h>
#include <signal.h>

START_TEST(a_failed_shmget_whose_result_is_used_is_found)
{
	failed(get(1, 0x51, PAGE, 0600, -1), ENOENT);
	failed(attach(1, -1, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 1);
	ck_assert_int_eq(first(FINDING_FAILED_RESULT_USED)->severity, SEVERITY_WARNING);
}
END_TEST

START_TEST(a_constant_minus_one_is_no_failed_result)
{
	failed(get(1, 0x51, PAGE, 0600, -1), ENOENT);
	made(1, 0x51, PAGE, 0);
	failed(attach(1, -1, 0), EINVAL);
	failed(control(2, -1, IPC_RMID), EINVAL);
	failed(get(2, 0x52, PAGE, 0600, -1), ENOENT);
	control(2, -1, SHM_INFO);
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 0);
}
END_TEST

START_TEST(an_overlapping_success_leaves_it_open_which_was_last)
{
	at(failed(get(1, 0x51, PAGE, 0600, -1), ENOENT), 100, 200);
	at(get(1, 0x52, PAGE, 0600, 3), 150, 190);
	at(failed(attach(1, -1, 0), EINVAL), 300, 310);
	judge();
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 0);
}
END_TEST

START_TEST(with_a_crash_it_is_an_error)
{
	struct reaped reaped = {PID_OF_ONE + 1, SIGSEGV, 0};

	evidence.reaped = &reaped;
	evidence.reaped_count = 1;
	injected(attach(1, 0, 0), ENOMEM);
	failed(detach(1, UINT64_MAX), EINVAL);
	failed(token(1, 1, -1, 0, 0), ENOENT);
	made(1, -1, PAGE, 5);
	removed(1, 5);
	judge();
	ck_assert_uint_eq(found(FINDING_FAILED_RESULT_USED), 2);
	ck_assert_uint_eq(findings_count(&findings, SEVERITY_ERROR), 2);
	ck_assert_uint_eq(found(FINDING_BAD_DETACH), 0);
}
END_TEST

START_TEST(a_key_in_place_of_an_id_is_an_error_when_it_leaks)
{
	made(1, 0x5151, PAGE, 0);
	failed(removed(1, 0x5151), EINVAL);
	left(1, 0x5151, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_KEY_AS_ID), 1);
	ck_assert_int_eq(first(FINDING_KEY_AS_ID)->severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(an_unknown_id_is_no_key)
{
	made(1, 0x5151, PAGE, 0);
	failed(removed(1, 0x5152), EINVAL);
	failed(removed(2, 0x5151), EINVAL);
	failed(removed(1, 0x5151), EPERM);
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_KEY_AS_ID), 0);
}
END_TEST

START_TEST(bad_detaches_are_told_apart)
{
	const char *const words[] = {"inside", "had been detached", "nothing was attached"};

	made(1, 0, PAGE, 0);
	stacked(attach(1, 0, 0x700000), 1);
	stacked(failed(detach(1, 0x700010), EINVAL), 1);
	detach(1, 0x700000);
	stacked(failed(detach(1, 0x700000), EINVAL), 2);
	stacked(failed(detach(1, 0x900000), EINVAL), 3);
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_BAD_DETACH), 3);
	for (size_t i = 0, n = 0; i < findings.count; i++)
		if (findings.list[i].id == FINDING_BAD_DETACH)
			ck_assert_ptr_nonnull(strstr(findings.list[i].detail, words[n++]));
}
END_TEST

START_TEST(a_detach_that_we_failed_is_not_the_programs_fault)
{
	made(1, 0, PAGE, 0);
	attach(1, 0, 0x700000);
	injected(detach(1, 0x700000), EINVAL)->flags |= RECORD_AFTER;
	failed(detach(1, 0x700000), EINVAL);
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_BAD_DETACH), 0);
}
END_TEST

START_TEST(the_remover_that_goes_on_using_the_id_is_found)
{
	made(1, 0x51, PAGE, 0);
	removed(1, 0);
	failed(attach(1, 0, 0), EINVAL);
	judge();
	ck_assert_int_eq(first(FINDING_USE_AFTER_REMOVE)->severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(where_it_is_still_attached_a_refused_address_is_no_refused_id)
{
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000);
	removed(1, 0);
	failed(attach(1, 0, 0), EINVAL)->args[1] = 0x700001;
	judge();
	ck_assert_uint_eq(found(FINDING_USE_AFTER_REMOVE), 0);
	failed(attach(1, 0, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_USE_AFTER_REMOVE), 1);
}
END_TEST

START_TEST(asking_again_or_by_another_is_a_note)
{
	made(1, 0x51, PAGE, 0);
	removed(1, 0);
	failed(control(1, 0, IPC_STAT), EINVAL);
	failed(removed(1, 0), EINVAL);
	failed(attach(2, 0, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_USE_AFTER_REMOVE), 3);
	ck_assert_uint_eq(found_above(SEVERITY_WARNING), 0);
}
END_TEST

START_TEST(a_use_that_overlaps_the_removal_is_not_after_it)
{
	at(made(1, 0x51, PAGE, 0), 10, 20);
	at(removed(1, 0), 30, 50);
	at(failed(attach(1, 0, 0), EINVAL), 40, 60);
	judge();
	ck_assert_uint_eq(found(FINDING_USE_AFTER_REMOVE), 0);
}
END_TEST

START_TEST(a_use_that_overlaps_the_next_life_is_not_after_removal)
{
	at(made(1, 0x51, PAGE, 0), 10, 20);
	at(removed(1, 0), 30, 40);
	at(failed(attach(1, 0, 0), EINVAL), 50, 90);
	at(made(1, 0x51, PAGE, 0), 60, 70);
	at(removed(1, 0), 100, 110);
	judge();
	ck_assert_uint_eq(found(FINDING_USE_AFTER_REMOVE), 0);
}
END_TEST

START_TEST(a_foreign_removal_that_hurts_is_found)
{
	made(1, 0x51, PAGE, 0);
	attach(2, 0, 0x700000);
	detach(2, 0x700000);
	removed(3, 0);
	failed(attach(2, 0, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_FOREIGN), 1);
	ck_assert_int_eq(first(FINDING_REMOVE_FOREIGN)->severity, SEVERITY_WARNING);
}
END_TEST

START_TEST(a_foreign_removal_that_hurts_nobody_is_not)
{
	made(1, 0x51, PAGE, 0);
	attach(2, 0, 0x700000);
	removed(3, 0);
	detach(2, 0x700000);
	failed(attach(4, 0, 0), EINVAL);
	failed(control(2, 0, IPC_STAT), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_FOREIGN), 0);
}
END_TEST

START_TEST(a_maker_that_cannot_attach_what_somebody_removed_is_harmed)
{
	made(1, 0x51, PAGE, 0);
	removed(2, 0);
	failed(attach(1, 0, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_FOREIGN), 1);
}
END_TEST

START_TEST(of_several_who_may_all_remove_it_the_second_one_is_not_harmed)
{
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000);
	attach(2, 0, 0x700000);
	detach(1, 0x700000);
	detach(2, 0x700000);
	removed(2, 0);
	failed(control(1, 0, IPC_RMID), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_FOREIGN), 0);
}
END_TEST

START_TEST(who_had_detached_before_the_removal_is_not_harmed_though_another_is)
{
	made(1, 0x51, PAGE, 0);
	attach(2, 0, 0x700000);
	detach(2, 0x700000);
	attach(4, 0, 0x700000);
	removed(3, 0);
	failed(removed(2, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_FOREIGN), 0);
	failed(removed(4, 0), EINVAL);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_FOREIGN), 1);
}
END_TEST

START_TEST(an_older_segment_found_with_creat_is_stale)
{
	in_table(&evidence.before, 9, 0x51, PAGE, 3);
	left(9, 0x51, PAGE, 3);
	get(1, 0x51, PAGE, IPC_CREAT | 0600, 3);
	get(1, 0x51, PAGE, IPC_CREAT | 0600, 3);
	judge();
	ck_assert_uint_eq(found(FINDING_STALE_ATTACH), 1);
}
END_TEST

START_TEST(finding_without_creat_or_in_this_run_is_not_stale)
{
	in_table(&evidence.before, 9, 0x51, PAGE, 3);
	left(9, 0x51, PAGE, 3);
	get(1, 0x51, PAGE, 0600, 3);
	made(1, 0x52, PAGE, 4);
	get(1, 0x52, PAGE, IPC_CREAT | 0600, 4);
	removed(1, 4);
	judge();
	ck_assert_uint_eq(found(FINDING_STALE_ATTACH), 0);
}
END_TEST

START_TEST(two_files_with_one_key_collide)
{
	token(1, 1, 0x1010001, 5, 11);
	token(2, 1, 0x1010001, 65541, 12);
	token(1, 1, 0x1010002, 6, 13);
	token(1, 1, 0x1010002, 6, 14);
	judge();
	ck_assert_uint_eq(found(FINDING_FTOK_COLLISION), 1);
}
END_TEST

START_TEST(only_projects_outside_a_byte_are_truncated)
{
	token(1, 255, 0x10, 5, 11);
	token(1, -23, 0x11, 5, 11);
	token(1, 1, 0x12, 5, 11);
	judge();
	ck_assert_uint_eq(found(FINDING_FTOK_TRUNCATED), 0);
	token(1, 0, 0x13, 5, 11);
	token(1, 256, 0x14, 5, 11);
	judge();
	ck_assert_uint_eq(found(FINDING_FTOK_TRUNCATED), 2);
}
END_TEST

START_TEST(a_mode_in_decimal_is_found_exactly)
{
	get(1, 0, PAGE, IPC_CREAT | IPC_EXCL | 666, 1)->flags |= RECORD_CREATED;
	get(1, 0, PAGE, 600, 2)->flags |= RECORD_CREATED;
	get(1, 0, PAGE, IPC_CREAT | 0666, 3)->flags |= RECORD_CREATED;
	get(1, 0, PAGE, IPC_CREAT | 0777, 4)->flags |= RECORD_CREATED;
	for (int i = 1; i < 5; i++)
		removed(1, i);
	judge();
	ck_assert_uint_eq(found(FINDING_MODE_DECIMAL), 2);
	ck_assert_uint_eq(found(FINDING_MODE_WORLD), 3);
}
END_TEST

START_TEST(linux_only_habits_are_notes)
{
	made(1, 0x51, PAGE, 0);
	attach(1, 0, 0x700000);
	removed(1, 0);
	removed(2, 0);
	attach(1, 0, 0x800000);
	detach(1, 0x800000);
	detach(1, 0x700000);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_TWICE), 1);
	ck_assert_uint_eq(found(FINDING_ATTACH_AFTER_REMOVE), 1);
	ck_assert_uint_eq(found_above(SEVERITY_WARNING), 0);
}
END_TEST

START_TEST(overlapping_removals_and_attaches_are_no_habit)
{
	at(made(1, 0x51, PAGE, 0), 1, 2);
	at(attach(1, 0, 0x700000), 3, 4);
	at(removed(1, 0), 10, 30);
	at(removed(2, 0), 20, 40);
	at(attach(2, 0, 0x700000), 25, 26);
	at(detach(2, 0x700000), 50, 51);
	at(detach(1, 0x700000), 50, 51);
	judge();
	ck_assert_uint_eq(found(FINDING_REMOVE_TWICE), 0);
	ck_assert_uint_eq(found(FINDING_ATTACH_AFTER_REMOVE), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    a_failed_shmget_whose_result_is_used_is_found,
	    a_constant_minus_one_is_no_failed_result,
	    an_overlapping_success_leaves_it_open_which_was_last,
	    with_a_crash_it_is_an_error,
	    a_key_in_place_of_an_id_is_an_error_when_it_leaks,
	    an_unknown_id_is_no_key,
	    bad_detaches_are_told_apart,
	    a_detach_that_we_failed_is_not_the_programs_fault,
	    the_remover_that_goes_on_using_the_id_is_found,
	    where_it_is_still_attached_a_refused_address_is_no_refused_id,
	    asking_again_or_by_another_is_a_note,
	    a_use_that_overlaps_the_removal_is_not_after_it,
	    a_use_that_overlaps_the_next_life_is_not_after_removal,
	    a_foreign_removal_that_hurts_is_found,
	    a_foreign_removal_that_hurts_nobody_is_not,
	    a_maker_that_cannot_attach_what_somebody_removed_is_harmed,
	    of_several_who_may_all_remove_it_the_second_one_is_not_harmed,
	    who_had_detached_before_the_removal_is_not_harmed_though_another_is,
	    an_older_segment_found_with_creat_is_stale,
	    finding_without_creat_or_in_this_run_is_not_stale,
	    two_files_with_one_key_collide,
	    only_projects_outside_a_byte_are_truncated,
	    a_mode_in_decimal_is_found_exactly,
	    linux_only_habits_are_notes,
	    overlapping_removals_and_attaches_are_no_habit,
	};

	return run_suite("ledger_misuse", tests, sizeof(tests) / sizeof(*tests));
}
