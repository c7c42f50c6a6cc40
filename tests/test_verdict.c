// SPDX-License-Identifier: MIT
// tests: explore's verdicts, each with a trial that gets it and a twin that does not.
#include "harness/analyze/finding.h"
#include "harness/explore/verdict.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>

enum { OUT = 11, ERR = 22, PLACE = 0x77 };
#define EXITED(code) ((code) << 8)

/* One row: what the trial showed beyond a clean, successful run in which the fault fired. */
struct row {
	const char *what;
	enum point_verdict expected;
	uint16_t call;
	int command;
	int status;
	bool does_not_fire, times_out, has_misuse, misuse_in_baseline, tries_again, serves, child_crashes;
	uint32_t left, excused, left_in_baseline;
	uint64_t output, errors;
};

static const struct row table[] = {
    {"nothing noticed", POINT_SWALLOWED, CALL_SHMAT, 0, 0, .output = OUT, .errors = ERR},
    {"fault did not fire", POINT_DIVERGED, CALL_SHMAT, 0, SIGSEGV, .does_not_fire = true, .output = OUT,
     .errors = ERR},
    {"segmentation fault", POINT_CRASH, CALL_SHMAT, 0, SIGSEGV, .output = OUT, .errors = ERR},
    {"crash outranks leak", POINT_CRASH, CALL_SHMAT, 0, SIGSEGV, .left = 1, .output = OUT, .errors = ERR},
    {"ended itself and its group", POINT_HANDLED, CALL_SHMAT, 0, SIGTERM, .output = OUT, .errors = ERR},
    {"ended itself, left one", POINT_LEAK, CALL_SHMAT, 0, SIGINT, .left = 1, .output = OUT, .errors = ERR},
    {"killed by whomever", POINT_CRASH, CALL_SHMAT, 0, SIGKILL, .output = OUT, .errors = ERR},
    {"killed by the deadline", POINT_HANG, CALL_SHMAT, 0, SIGKILL, .times_out = true, .output = OUT,
     .errors = ERR},
    {"serves for ever, as without a fault", POINT_SWALLOWED, CALL_SHMAT, 0, SIGKILL, .times_out = true,
     .serves = true, .output = OUT, .errors = ERR},
    {"would serve for ever, but ends", POINT_HANDLED, CALL_SHMAT, 0, EXITED(1), .serves = true, .output = OUT,
     .errors = ERR},
    {"serves for ever with one left more", POINT_LEAK, CALL_SHMAT, 0, SIGKILL, .times_out = true,
     .serves = true, .left = 1, .output = OUT, .errors = ERR},
    {"waits for a child that crashed", POINT_CRASH, CALL_SHMAT, 0, SIGKILL, .times_out = true,
     .child_crashes = true, .output = OUT, .errors = ERR},
    {"crashed, children hang", POINT_CRASH, CALL_SHMAT, 0, SIGSEGV, .times_out = true, .output = OUT,
     .errors = ERR},
    {"new misuse", POINT_MISUSE, CALL_SHMAT, 0, 0, .has_misuse = true, .output = OUT, .errors = ERR},
    {"known misuse", POINT_SWALLOWED, CALL_SHMAT, 0, 0, .has_misuse = true, .misuse_in_baseline = true,
     .output = OUT, .errors = ERR},
    {"leak", POINT_LEAK, CALL_SHMAT, 0, EXITED(1), .left = 1, .output = OUT, .errors = ERR},
    {"as many as ever", POINT_HANDLED, CALL_SHMAT, 0, EXITED(1), .left = 1, .left_in_baseline = 1,
     .output = OUT, .errors = ERR},
    {"one more than ever", POINT_LEAK, CALL_SHMAT, 0, EXITED(1), .left = 2, .left_in_baseline = 1,
     .output = OUT, .errors = ERR},
    {"only the excused", POINT_EXCUSED, CALL_SHMCTL, IPC_RMID, 0, .left = 1, .excused = 1, .output = OUT,
     .errors = ERR},
    {"one beside the excused", POINT_LEAK, CALL_SHMCTL, IPC_RMID, 0, .left = 2, .excused = 1, .output = OUT,
     .errors = ERR},
    {"says it failed", POINT_HANDLED, CALL_SHMAT, 0, EXITED(1), .output = OUT, .errors = ERR},
    {"other output, said failure", POINT_HANDLED, CALL_SHMAT, 0, EXITED(1), .output = 99, .errors = ERR},
    {"other output", POINT_WRONG_OUTPUT, CALL_SHMAT, 0, 0, .output = 99, .errors = ERR},
    {"accepted status", POINT_SWALLOWED, CALL_SHMAT, 0, EXITED(3), .output = OUT, .errors = ERR},
    {"said so on stderr", POINT_RECOVERED, CALL_SHMAT, 0, 0, .output = OUT, .errors = 98},
    {"tried again", POINT_RECOVERED, CALL_SHMAT, 0, 0, .tries_again = true, .output = OUT, .errors = ERR},
    {"a release failed", POINT_RECOVERED, CALL_SHMDT, 0, 0, .output = OUT, .errors = ERR},
};

static struct observation observe(const struct row *row, uint32_t ordinal, uint16_t flags)
{
	struct observation call = {
	    .stack = PLACE, .ordinal = ordinal, .occurrence = ordinal, .begin_ns = ordinal};
	strcpy(call.role, "main");
	call.call = row->call;
	call.command = row->command;
	call.flags = flags;
	call.error = flags & RECORD_INJECTED ? ENOMEM : 0;
	return call;
}

START_TEST(each_trial_gets_its_verdict)
{
	const struct row *row = &table[_i];
	struct observation calls[] = {
	    observe(row, 1, RECORD_FAILED | (row->does_not_fire ? 0 : RECORD_INJECTED)),
	    observe(row, 2, row->tries_again ? 0 : RECORD_FAILED)};
	struct misuse misuse = {PLACE, FINDING_FAILED_RESULT_USED, SEVERITY_ERROR};
	struct left_segments left = {PLACE, 4096, row->left, row->excused};
	struct left_segments left_before = {PLACE, 4096, row->left_in_baseline, 0};
	struct trial baseline = {.output = OUT, .errors = ERR, .entered = 1, .timed_out = row->serves};
	struct trial trial = {.status = row->status,
			      .timed_out = row->times_out,
			      .crashes = row->child_crashes,
			      .output = row->output,
			      .errors = row->errors,
			      .calls = calls,
			      .call_count = 2,
			      .entered = 1};
	struct point point = {.at = calls[0], .mode = MODE_ONCE, .fault = ENOMEM};
	struct ok_statuses ok = {{0, 3}, 2};
	if (row->left)
		trial.left = &left, trial.left_count = 1;
	if (row->left_in_baseline)
		baseline.left = &left_before, baseline.left_count = 1;
	if (row->has_misuse)
		trial.misuses = &misuse, trial.misuse_count = 1;
	if (row->misuse_in_baseline)
		baseline.misuses = &misuse, baseline.misuse_count = 1;
	enum point_verdict verdict = point_judge(&point, &baseline, &trial, &ok);
	ck_assert_msg(verdict == row->expected, "%s: %s, expected %s", row->what,
		      point_verdict_row(verdict)->name, point_verdict_row(row->expected)->name);
}
END_TEST

START_TEST(a_signal_that_was_sent_is_no_crash)
{
	const struct row row = {.call = CALL_SHMGET};
	struct observation call = observe(&row, 1, 0);
	struct trial baseline = {.output = OUT, .errors = ERR};
	struct trial trial = {
	    .status = SIGTERM, .output = OUT, .errors = ERR, .calls = &call, .call_count = 1};
	struct point point = {.at = call, .mode = MODE_SIGNAL, .fault = SIGTERM};
	struct ok_statuses ok = {{0}, 1};
	ck_assert_int_eq(point_judge(&point, &baseline, &trial, &ok), POINT_HANDLED);
	trial.status = SIGSEGV;
	ck_assert_int_eq(point_judge(&point, &baseline, &trial, &ok), POINT_CRASH);
	point.fault = SIGSEGV;
	ck_assert_int_eq(point_judge(&point, &baseline, &trial, &ok), POINT_HANDLED);
}
END_TEST

START_TEST(another_stack_at_that_ordinal_is_diverged)
{
	struct observation call = observe(&table[0], 1, RECORD_INJECTED | RECORD_FAILED);
	struct trial baseline = {0}, trial = {.calls = &call, .call_count = 1};
	struct point point = {.at = call, .mode = MODE_ONCE, .fault = ENOMEM};
	struct ok_statuses ok = {{0}, 1};
	ck_assert_int_ne(point_judge(&point, &baseline, &trial, &ok), POINT_DIVERGED);
	point.at.stack++;
	ck_assert_int_eq(point_judge(&point, &baseline, &trial, &ok), POINT_DIVERGED);
}
END_TEST

START_TEST(a_point_names_itself_and_its_rule)
{
	struct point point = {.at = {.role = "main@2",
				     .stack = 0x1234,
				     .ordinal = 3,
				     .occurrence = 2,
				     .call = CALL_SHMCTL,
				     .command = IPC_RMID},
			      .mode = MODE_PERSIST,
			      .fault = EPERM};
	char id[POINT_ID_MAX], rule[POINT_RULE_MAX];
	point_id(&point, id);
	point_rule(&point, rule);
	ck_assert_str_eq(id, "main@2/shmctl.RMID@0000000000001234#2:EPERM:persist");
	ck_assert_str_eq(rule, "main@2/shmctl.RMID:error=EPERM:when=3+:scope=process");
	point.mode = MODE_ONCE;
	strcpy(point.at.site, "fio+0x1f");
	point.at.site_ordinal = 2;
	point_rule(&point, rule);
	ck_assert_str_eq(rule, "main@2/shmctl.RMID:error=EPERM:when=2:scope=process:in=fio+0x1f");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, each_trial_gets_its_verdict, 0, sizeof table / sizeof *table);
	tcase_add_test(all, a_signal_that_was_sent_is_no_crash);
	tcase_add_test(all, another_stack_at_that_ordinal_is_diverged);
	tcase_add_test(all, a_point_names_itself_and_its_rule);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
