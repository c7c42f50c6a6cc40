// SPDX-License-Identifier: MIT
// tests: what a bad rule is told, files of rules, the tables that are listed, and rules that were never hit.
#include "harness/analyze/plan_findings.h"
#include "harness/list.h"
#include "harness/rules.h"
#include "protocol/errno_name.h"
#include "protocol/errno_table.h"
#include "protocol/plan_expression.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

static struct rules *rules;
static char *said;
static size_t said_length;
static FILE *stream;

static void setup(void)
{
	rules = rules_new(5);
	ck_assert_ptr_nonnull(rules);
	stream = open_memstream(&said, &said_length);
	ck_assert_ptr_nonnull(stream);
}

static void teardown(void)
{
	rules_free(rules);
	fclose(stream);
	free(said);
}

START_TEST(a_bad_rule_is_shown_with_a_caret_below_the_word)
{
	ck_assert_int_eq(rules_add(rules, "--inject", "shmat:error=ENOMEN", stream), -EINVAL);
	fflush(stream);
	ck_assert_str_eq(said, "shmcheck: --inject: column 13: unknown errno: 'ENOMEN'\n"
			       "    shmat:error=ENOMEN\n"
			       "                ^^^^^^\n"
			       "    did you mean 'ENOMEM'?\n"
			       "    expected: a name such as ENOMEM\n");
}
END_TEST

START_TEST(an_empty_rule_on_the_command_line_is_no_rule_and_is_refused)
{
	ck_assert_int_eq(rules_add(rules, "--inject", " # nothing", stream), -EINVAL);
	fflush(stream);
	ck_assert_str_eq(said, "shmcheck: --inject: there is no rule in it\n");
}
END_TEST

START_TEST(a_bad_rule_in_a_file_is_shown_with_its_line)
{
	char path[] = "/tmp/shmcheck-test-XXXXXX";
	int fd = mkstemp(path);
	const char *text = "# first\nshmat:error=ENOMEM\n\tshmdt:when=1\n";

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	ck_assert_int_eq(rules_add_file(rules, path, stream), -EINVAL);
	unlink(path);
	fflush(stream);
	ck_assert_ptr_nonnull(strstr(
	    said, "line 3, column 2: this rule has no effect: 'shmdt'\n     shmdt:when=1\n     ^^^^^\n"));
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_an_error)
{
	ck_assert_int_eq(rules_add_file(rules, "/nonexistent/rules", stream), -ENOENT);
	fflush(stream);
	ck_assert_ptr_nonnull(strstr(said, "/nonexistent/rules"));
}
END_TEST

START_TEST(room_for_counts_by_process_is_made_only_when_a_rule_wants_it)
{
	uint64_t size = 0;

	ck_assert_ptr_null(rules_plan(rules, &size));
	ck_assert_int_eq(rules_add(rules, "--inject", "shmat:error=ENOMEM", stream), 0);
	const struct plan *small = rules_plan(rules, &size);

	ck_assert(plan_is_valid(small, size));
	ck_assert_uint_eq(size, plan_size(0));
	ck_assert_int_eq(rules_add(rules, "--inject", "shmdt:error=EINVAL:scope=process", stream), 0);
	const struct plan *plan = rules_plan(rules, &size);

	ck_assert(plan_is_valid(plan, size));
	ck_assert_uint_gt(plan->slot_count, 1000);
	ck_assert_uint_eq(plan->rule_count, 2);
	ck_assert_uint_eq(plan->seed, 5);
	ck_assert_uint_eq(plan->by_call[CALL_SHMDT], 2);
}
END_TEST

START_TEST(a_rule_without_a_hit_is_a_finding_unless_any_is_expected)
{
	const char *texts[] = {"shmat:error=ENOMEM:when=9", "shmdt:error=EINVAL:expect=any",
			       "shmget:error=ENOSPC", "ftok:error=ENOENT:p=0.5"};
	struct findings findings = {0};
	uint64_t size;

	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(rules_add(rules, "--inject", texts[i], stream), 0);
	struct plan *plan = (struct plan *)rules_plan(rules, &size);

	plan_hit(plan, 3);
	plan->counters[plan->rules[0].counter].matches = 4;
	ck_assert_int_eq(plan_findings(plan, &findings), 0);
	ck_assert_uint_eq(findings.count, 1);
	ck_assert_int_eq(findings.list[0].id, FINDING_FAULT_NOT_HIT);
	ck_assert_int_eq(findings.list[0].severity, SEVERITY_ERROR);
	ck_assert_str_eq(findings.list[0].detail,
			 "rule 1, shmat:error=ENOMEM:when=9: there were fewer matching calls "
			 "than its when asks for (matching calls: 4)");
	findings_free(&findings);
}
END_TEST

/* How many doubts there are when PID, which had lowered a limit, ended with STATUS. */
static size_t doubts_about(pid_t pid, int status, bool timed_out)
{
	uint64_t size;
	struct plan *plan = (struct plan *)rules_plan(rules, &size);
	struct evidence evidence = {.timed_out = timed_out};

	plan->window = (uint64_t)7 << 32 | 9;
	ck_assert_int_eq(evidence_add_reaped(&evidence, (struct reaped){pid, status, 1}), 0);
	ck_assert_int_eq(plan_doubts(plan, &evidence), 0);
	size_t count = evidence.doubt_count;
	evidence_free(&evidence);
	return count;
}

START_TEST(a_limit_that_a_dead_process_left_lowered_is_a_doubt_unless_the_deadline_killed_it)
{
	ck_assert_int_eq(rules_add(rules, "--inject", "shmget:world=full:when=1+", stream), 0);
	ck_assert_uint_eq(doubts_about(7, SIGKILL, true), 0);
	ck_assert_uint_eq(doubts_about(7, SIGKILL, false), 1);
	ck_assert_uint_eq(doubts_about(7, SIGSEGV, true), 1);
	ck_assert_uint_eq(doubts_about(8, SIGKILL, true), 1);
}
END_TEST

START_TEST(every_table_can_be_listed_and_no_other)
{
	for (unsigned i = 0; list_name(i); i++) {
		rewind(stream);
		ck_assert_int_eq(list_print(list_name(i), stream), 0);
		ck_assert_uint_gt(said_length, 100);
	}
	ck_assert_int_eq(list_print("nothing", stream), -EINVAL);
}
END_TEST

START_TEST(every_condition_in_the_table_of_errnos_compiles_for_its_call)
{
	const struct errno_possible *row;

	for (unsigned i = 0; (row = errno_possible_at(i)); i++) {
		struct plan_expression expression;
		struct expression_error error;

		ck_assert_ptr_nonnull(errno_name(row->error));
		if (!row->condition)
			continue;
		ck_assert_int_eq(
		    expression_compile(word_of(row->condition, strlen(row->condition)), &expression, &error),
		    0);
		ck_assert_uint_eq(expression.fields & ~expression_fields_of(row->call), 0);
	}
}
END_TEST

static bool likely(unsigned call, uint64_t a, uint64_t b, uint64_t c, int error)
{
	uint64_t args[4] = {a, b, c};
	const struct errno_possible *row;

	for (unsigned i = 0; (row = errno_possible_at(i)); i++)
		if (row->is_likely && row->error == error && errno_possible_applies(row, call, args))
			return true;
	return false;
}

START_TEST(an_errno_is_possible_only_for_the_arguments_that_can_give_it)
{
	uint64_t exclusive = IPC_CREAT | IPC_EXCL | 0600;

	ck_assert(likely(CALL_SHMGET, 5, 4096, exclusive, EEXIST));
	ck_assert(!likely(CALL_SHMGET, IPC_PRIVATE, 4096, exclusive, EEXIST));
	ck_assert(!likely(CALL_SHMGET, 5, 4096, IPC_CREAT, EEXIST));
	ck_assert(!likely(CALL_SHMGET, 5, 4096, exclusive, ENOENT));
	ck_assert(likely(CALL_SHMGET, 5, 4096, 0, ENOENT));
	ck_assert(!likely(CALL_SHMGET, 5, 4096, 0, ENOSPC));
	ck_assert(likely(CALL_SHMGET, IPC_PRIVATE, 4096, 0, ENOSPC));
	ck_assert(likely(CALL_SHMCTL, 0, IPC_RMID, 0, EPERM));
	ck_assert(!likely(CALL_SHMCTL, 0, IPC_STAT, 0, EPERM));
	ck_assert(!likely(CALL_SHMDT, 4096, 0, 0, ENOMEM));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rules");
	TCase *tcase = tcase_create("rules");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_bad_rule_is_shown_with_a_caret_below_the_word);
	tcase_add_test(tcase, an_empty_rule_on_the_command_line_is_no_rule_and_is_refused);
	tcase_add_test(tcase, a_bad_rule_in_a_file_is_shown_with_its_line);
	tcase_add_test(tcase, a_file_that_cannot_be_read_is_an_error);
	tcase_add_test(tcase, room_for_counts_by_process_is_made_only_when_a_rule_wants_it);
	tcase_add_test(tcase, a_rule_without_a_hit_is_a_finding_unless_any_is_expected);
	tcase_add_test(tcase,
		       a_limit_that_a_dead_process_left_lowered_is_a_doubt_unless_the_deadline_killed_it);
	tcase_add_test(tcase, every_table_can_be_listed_and_no_other);
	tcase_add_test(tcase, every_condition_in_the_table_of_errnos_compiles_for_its_call);
	tcase_add_test(tcase, an_errno_is_possible_only_for_the_arguments_that_can_give_it);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
