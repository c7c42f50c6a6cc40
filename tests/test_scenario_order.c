// SPDX-License-Identifier: MIT
// tests: a forced order, proven by the event log: of every constraint, the left call had ended before the right began.
#include "harness/log/log.h"
#include "harness/scenario/run.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 60, CALLS_MOST = 4096, PROCESSES = 16 };

/* What the log says, told apart by pid: the test's own reading, without roles or ledger. */
struct call {
	int32_t pid;
	uint64_t begin_ns, end_ns;
	uint16_t event;
	int32_t command;
};

static struct call calls[CALLS_MOST];
static size_t call_count;
static int32_t pids[PROCESSES]; /* in order of their first images */
static size_t pid_count;
static struct script script;
static struct ready ready;
static char folder[] = "/tmp/shmcheck-test-order.XXXXXX";
static char path[sizeof folder + 16], work[sizeof folder + 16];

static int take(void *context, const struct record *record)
{
	(void)context;
	if (record->event == EVENT_START && record->args[0] == START_FIRST && pid_count < PROCESSES)
		pids[pid_count++] = record->pid;
	if (record->event < CALL_COUNT && call_count < CALLS_MOST)
		calls[call_count++] =
		    (struct call){record->pid, record->begin_ns, record->end_ns, record->event,
				  record->event == CALL_SHMCTL ? (int32_t)record->args[1] : 0};
	return 0;
}

static void setup(void)
{
	call_count = pid_count = 0;
	strcpy(strrchr(folder, '.'), ".XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	/* the library is looked for beside the program that launches, and that is this test */
	ck_assert(symlink(BUILD "/libshmcheck.so", BUILD "/tests/libshmcheck.so") == 0 || errno == EEXIST);
	snprintf(path, sizeof path, "%s/x.yaml", folder);
	snprintf(work, sizeof work, "%s/work", folder);
}

static void teardown(void)
{
	ready_free(&ready);
	script_free(&script);
	unlink(path);
	rmdir(folder);
}

/* Makes the scenario ready of TEXT. */
static void load(const char *text)
{
	static const char *const programs[] = {BUILD "/tests", NULL};
	struct complaint complaint = {""};
	FILE *stream = fopen(path, "w");
	ck_assert_ptr_nonnull(stream);
	fputs(text, stream);
	fclose(stream);
	ck_assert_int_eq(script_read(path, &script, &complaint), 0);
	int code = ready_make(&script, 0, work, programs, &ready, &complaint);
	ck_assert_msg(code == 0, "%s", complaint.text);
}

static void perform(struct run_result *result)
{
	struct run run;
	struct log_content content;
	char log[64], why[256] = "";
	int status;
	ck_assert_int_eq(run_start(&ready, false, &run), 0);
	ck_assert_int_eq(waitpid(run.pid, &status, 0), run.pid);
	run_collect(&run, status, result);
	snprintf(log, sizeof log, "/proc/self/fd/%d", run.log);
	int code = log_read(log, take, NULL, &content, why);
	ck_assert_msg(code == 0, "%s", why);
	log_content_free(&content);
	run_close(&run);
}

/* The N-th call of that kind by process PID; NULL. */
static const struct call *find(int32_t pid, uint16_t event, int command, unsigned n)
{
	for (size_t i = 0; i < call_count; i++)
		if (calls[i].pid == pid && calls[i].event == event && calls[i].command == command && --n == 0)
			return &calls[i];
	return NULL;
}

/* Two processes of CALLS calls each, every one of which waits for the other's last. */
static char *ping_pong(void)
{
	static char text[16384];
	size_t at = (size_t)sprintf(text, "name: ping pong\nprocesses:\n");
	for (char name = 'a'; name <= 'b'; name++) {
		at += (size_t)sprintf(text + at, "  - {name: %c, command: [programs/actor, create=%d", name,
				      name);
		for (int i = 0; i < CALLS; i++)
			at += (size_t)sprintf(text + at, ", stat");
		at += (size_t)sprintf(text + at, ", remove]}\n");
	}
	at += (size_t)sprintf(text + at, "order:\n  - a.start < b.start < a.shmctl.STAT.1 < b.shmctl.STAT.1");
	for (int i = 2; i <= CALLS; i++)
		at += (size_t)sprintf(text + at, " < a.shmctl.STAT.%d < b.shmctl.STAT.%d", i, i);
	sprintf(text + at, "\n");
	return text;
}

START_TEST(each_call_begins_after_the_one_that_it_waits_for_has_ended)
{
	struct run_result result;
	load(ping_pong());
	perform(&result);
	ck_assert_msg(result.outcome == OUTCOME_PASS, "%s", result.details);
	ck_assert_int_eq(pid_count, 2);
	for (unsigned n = 1; n <= CALLS; n++) {
		const struct call *a = find(pids[0], CALL_SHMCTL, 2 /* IPC_STAT */, n);
		const struct call *b = find(pids[1], CALL_SHMCTL, 2, n);
		const struct call *next = find(pids[0], CALL_SHMCTL, 2, n + 1);
		ck_assert_ptr_nonnull(a);
		ck_assert_ptr_nonnull(b);
		ck_assert_uint_le(a->end_ns, b->begin_ns);
		if (next)
			ck_assert_uint_le(b->end_ns, next->begin_ns);
	}
}
END_TEST

START_TEST(without_an_order_the_session_has_none_and_calls_may_overlap)
{
	struct run_result result;
	load("name: free\nprocesses:\n  - {name: a, command: [programs/actor, create=1, stat, remove]}\n");
	ck_assert_uint_eq(ready.order->order.point_count, 0);
	perform(&result);
	ck_assert_msg(result.outcome == OUTCOME_PASS, "%s", result.details);
	ck_assert_uint_eq(call_count, 3);
}
END_TEST

/* The waiting calls themselves are as long as ever: the waiting lies before their begin. */
START_TEST(waiting_is_not_part_of_the_call)
{
	struct run_result result;
	load("name: waits\nprocesses:\n"
	     "  - {name: a, command: [programs/actor, create=1, sleep=200, stat, remove]}\n"
	     "  - {name: b, command: [programs/actor, create=2, remove]}\n"
	     "order: [a.start < b.start, a.shmctl.STAT < b.shmget]\n");
	perform(&result);
	ck_assert_msg(result.outcome == OUTCOME_PASS, "%s", result.details);
	const struct call *first = find(pids[0], CALL_SHMGET, 0, 1);
	const struct call *stat = find(pids[0], CALL_SHMCTL, 2, 1);
	const struct call *second = find(pids[1], CALL_SHMGET, 0, 1);
	ck_assert_uint_ge(second->begin_ns, stat->end_ns);
	ck_assert_uint_ge(second->begin_ns - first->end_ns, 200 * UINT64_C(1000000));
}
END_TEST

START_TEST(the_order_holds_between_forked_children)
{
	struct run_result result;
	load("name: children\nprocesses:\n"
	     "  - {name: a, command: [programs/actor, fork, create=1, remove, end, fork, create=2, remove, "
	     "end, wait, "
	     "wait]}\n"
	     "order: [a@2.shmctl < a@1.shmget]\n");
	perform(&result);
	ck_assert_msg(result.outcome == OUTCOME_PASS, "%s", result.details);
	const struct call *first = NULL, *second = NULL;
	for (size_t i = 0; i < call_count; i++)
		if (calls[i].event == CALL_SHMGET && !first)
			first = &calls[i];
		else if (calls[i].event == CALL_SHMGET)
			second = &calls[i];
	ck_assert_ptr_nonnull(second);
	const struct call *removed = find(first->pid, CALL_SHMCTL, 0, 1);
	ck_assert_int_ne(first->pid, second->pid);
	ck_assert_uint_le(removed->end_ns, second->begin_ns);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario_order");
	TCase *order = tcase_create("order");
	tcase_add_checked_fixture(order, setup, teardown);
	tcase_set_timeout(order, 60);
	tcase_add_loop_test(order, each_call_begins_after_the_one_that_it_waits_for_has_ended, 0, 5);
	tcase_add_test(order, without_an_order_the_session_has_none_and_calls_may_overlap);
	tcase_add_test(order, waiting_is_not_part_of_the_call);
	tcase_add_test(order, the_order_holds_between_forked_children);
	suite_add_tcase(suite, order);
	return suite_run(suite);
}
