// SPDX-License-Identifier: MIT
// tests: processes, attachments, doubts, crash windows; and that memory follows what is alive.
#include "record_builder.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>

START_TEST(an_attachment_at_exit_is_a_note)
{
	start(1, START_FIRST, 0);
	made(1, 0, PAGE, 0);
	attach(1, 0, 0x700000);
	removed(1, 0);
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 1);
	ck_assert_int_eq(first(FINDING_ATTACH_LEAK)->severity, SEVERITY_NOTE);
}
END_TEST

START_TEST(three_attachments_of_one_segment_at_exit_are_a_warning)
{
	made(1, 0, PAGE, 0);
	for (uint64_t i = 0; i < 3; i++)
		attach(1, 0, 0x700000 + i * PAGE);
	removed(1, 0);
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_int_eq(first(FINDING_ATTACH_LEAK)->severity, SEVERITY_WARNING);
}
END_TEST

START_TEST(what_was_detached_in_any_way_is_not_leaked)
{
	struct record *unmap;

	made(1, 0, PAGE, 0);
	attach(1, 0, 0x700000);
	detach(1, 0x700000);
	attach(1, 0, 0x800000);
	unmap = event(EVENT_UNMAP, 1);
	unmap->args[0] = 0x7ff000;
	unmap->args[1] = 0x4000;
	attach(1, 0, 0x900000);
	attach(1, 0, 0x900000)->args[2] = SHM_REMAP;
	detach(1, 0x900000);
	removed(1, 0);
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 0);
}
END_TEST

/* The last but one may have a detach that is told after the last attach; those before cannot. */
START_TEST(of_many_at_one_address_all_but_the_last_two_were_ended_unseen)
{
	for (int i = 0; i < 5; i++) {
		made(1, 0, PAGE, i);
		attach(1, i, 0x700000);
		removed(1, i);
	}
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 2);
}
END_TEST

START_TEST(a_partial_unmap_leaves_the_rest_attached)
{
	struct record *unmap;

	made(1, 0, 2 * PAGE, 0);
	attach(1, 0, 0x700000)->detail[0] = 2 * PAGE;
	unmap = event(EVENT_UNMAP, 1);
	unmap->args[0] = 0x700000;
	unmap->args[1] = PAGE;
	removed(1, 0);
	event(EVENT_EXIT, 1);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 1);
}
END_TEST

START_TEST(exec_ends_attachments_and_a_vfork_child_does_not)
{
	struct record *exit;

	evidence.program_pid = 0;
	start(1, START_FIRST, 0);
	made(1, 0, PAGE, 0);
	attach(1, 0, 0x700000);
	exit = event(EVENT_EXIT, 1);
	exit->pid = 5555;
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 0);
	start(1, START_EXEC, 0)->image = 1;
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 1);
}
END_TEST

START_TEST(what_a_killed_or_forked_process_has_attached_is_not_leaked)
{
	struct reaped reaped = {PID_OF_ONE + 1, SIGKILL, 0};

	evidence.reaped = &reaped;
	evidence.reaped_count = 1;
	evidence.program_status = SIGKILL;
	made(1, 0, PAGE, 0);
	attach(1, 0, 0x700000);
	forked(1, 2);
	start(2, START_FORK, 1);
	event(EVENT_EXIT, 2);
	removed(1, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 0);
}
END_TEST

START_TEST(a_detach_may_sort_before_its_attach)
{
	made(1, 0, PAGE, 0);
	at(detach(1, 0x700000), 2000, 3000);
	at(attach(1, 0, 0x700000), 2100, 2200);
	at(removed(1, 0), 4000, 4001);
	at(event(EVENT_EXIT, 1), 5000, 5001);
	judge();
	ck_assert_uint_eq(found(FINDING_ATTACH_LEAK), 0);
}
END_TEST

START_TEST(a_find_and_a_removal_may_sort_before_the_creation)
{
	at(get(2, 0x51, PAGE, IPC_CREAT | 0600, 0), 100, 200);
	at(made(1, 0x51, PAGE, 0), 110, 190);
	at(removed(2, 1), 100, 300);
	at(made(1, 0x52, PAGE, 1), 110, 190);
	left(1, 0x51, PAGE, 0);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_uint_eq(findings.count, 1);
}
END_TEST

START_TEST(the_kernel_ignores_one_bit_of_a_command_and_no_other)
{
	made(1, 0x51, PAGE, 0);
	control(1, 0, 0x100 | IPC_RMID);
	made(1, 0x52, PAGE, 1);
	failed(control(1, 1, 0x200 | IPC_RMID), EINVAL);
	left(1, 0x52, PAGE, 1);
	judge();
	ck_assert_uint_eq(found(FINDING_SEGMENT_LEAK), 1);
	ck_assert_int_eq(first(FINDING_SEGMENT_LEAK)->segment.shmid, 1);
	ck_assert_uint_eq(first(FINDING_SEGMENT_LEAK)->segment.removal_attempts, 0);
}
END_TEST

START_TEST(a_crash_window_counts_calls_and_time)
{
	at(made(1, 0x51, PAGE, 0), 1000, 1010);
	at(attach(1, 0, 0x700000), 2000, 2010);
	at(detach(1, 0x700000), 3000, 3010);
	at(removed(1, 0), 1001000, 1001000);
	judge();
	ck_assert_uint_eq(found(FINDING_CRASH_WINDOW), 1);
	ck_assert_uint_eq(first(FINDING_CRASH_WINDOW)->window_calls, 2);
	ck_assert_uint_eq(first(FINDING_CRASH_WINDOW)->window_ns, 1000000);
}
END_TEST

static void free_doubts(void)
{
	for (size_t i = 0; i < evidence.doubt_count; i++)
		free(evidence.doubts[i]);
	free(evidence.doubts);
	evidence.doubts = NULL;
	evidence.doubt_count = 0;
}

START_TEST(an_image_that_never_announced_itself_is_a_doubt)
{
	start(1, START_FIRST, 0);
	begun(event(EVENT_EXEC, 1));
	judge();
	ck_assert_int_eq(ledger_doubts(built_ledger, &evidence), 0);
	ck_assert_uint_eq(evidence.doubt_count, 1);
	ck_assert_ptr_nonnull(strstr(evidence.doubts[0], "the shim could not enter"));
	free_doubts();
}
END_TEST

/* How many doubts there are about an image that was killed so long after its exec. */
static size_t doubts_about_killed(uint64_t after_ns, bool timed_out)
{
	builder_reset();
	start(1, START_FIRST, 0);
	const struct record *exec = begun(event(EVENT_EXEC, 1));
	struct evidence killed = {.timed_out = timed_out, .end_ns = exec->begin_ns + after_ns};
	ck_assert_int_eq(
	    evidence_add_reaped(&killed, (struct reaped){exec->pid, SIGKILL, exec->begin_ns + after_ns}), 0);
	judge();
	ck_assert_int_eq(ledger_doubts(built_ledger, &killed), 0);
	size_t count = killed.doubt_count;
	evidence_free(&killed);
	return count;
}

START_TEST(an_image_that_was_killed_before_it_could_announce_itself_is_none)
{
	ck_assert_uint_eq(doubts_about_killed(1000000, false), 0);
	ck_assert_uint_eq(doubts_about_killed(20000000, false), 1);
	ck_assert_uint_eq(doubts_about_killed(20000000, true), 0);
	ck_assert_uint_eq(doubts_about_killed(900000000, true), 1);
}
END_TEST

START_TEST(an_exec_that_failed_or_announced_itself_is_none)
{
	start(1, START_FIRST, 0);
	failed(event(EVENT_EXEC, 1), ENOENT);
	begun(event(EVENT_EXEC, 1));
	start(1, START_EXEC, 0)->image = 1;
	event(EVENT_EXEC, 1)->args[0] = 1;
	built[built_count - 1].result = PID_OF_ONE + 2;
	start(2, START_SPAWN, 1);
	judge();
	ck_assert_int_eq(ledger_doubts(built_ledger, &evidence), 0);
	ck_assert_uint_eq(evidence.doubt_count, 0);
}
END_TEST

static void feed_lives(struct ledger *ledger, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		struct record calls[4];

		builder_reset();
		made(1, 0, PAGE, (int)(i * 32768 & 0x7fffffff));
		attach(1, built[0].result, 0x700000);
		removed(1, (int)built[0].result);
		detach(1, 0x700000);
		memcpy(calls, built, sizeof(calls));
		for (int k = 0; k < 4; k++) {
			calls[k].begin_ns += i * 1000;
			calls[k].end_ns += i * 1000;
			ck_assert_int_eq(ledger_apply(ledger, &calls[k]), 0);
		}
	}
}

START_TEST(memory_is_flat_over_dead_segments)
{
	struct ledger *ledger = ledger_new();
	size_t first_use;

	memset(built, 0, sizeof(built));
	feed_lives(ledger, 0, 10000);
	first_use = mallinfo2().uordblks + mallinfo2().hblkhd;
	feed_lives(ledger, 10000, 11000);
	ck_assert_uint_eq(mallinfo2().uordblks + mallinfo2().hblkhd, first_use);
	ck_assert_uint_eq(ledger_totals(ledger).segments_removed, 11000);
	ledger_free(ledger);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    an_attachment_at_exit_is_a_note,
	    three_attachments_of_one_segment_at_exit_are_a_warning,
	    what_was_detached_in_any_way_is_not_leaked,
	    of_many_at_one_address_all_but_the_last_two_were_ended_unseen,
	    a_partial_unmap_leaves_the_rest_attached,
	    exec_ends_attachments_and_a_vfork_child_does_not,
	    what_a_killed_or_forked_process_has_attached_is_not_leaked,
	    a_detach_may_sort_before_its_attach,
	    a_find_and_a_removal_may_sort_before_the_creation,
	    the_kernel_ignores_one_bit_of_a_command_and_no_other,
	    a_crash_window_counts_calls_and_time,
	    an_image_that_never_announced_itself_is_a_doubt,
	    an_image_that_was_killed_before_it_could_announce_itself_is_none,
	    an_exec_that_failed_or_announced_itself_is_none,
	    memory_is_flat_over_dead_segments,
	};

	return run_suite("ledger", tests, sizeof(tests) / sizeof(*tests));
}
