// SPDX-License-Identifier: MIT
// tests: rules in a real program under the shim: what the program sees, what the log has, what stays behind.
#include "protocol/plan.h"
#include "protocol/session.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 16, ARENA = 1 << 20, OUTPUT = 8192 };

static struct session *session;
static struct plan *plan;
static char path[] = "/dev/shm/shmcheck-test-XXXXXX";
static char output[OUTPUT];
static int status;

static void setup(void)
{
	ck_assert_msg(unshare(CLONE_NEWIPC) == 0, "broken: no IPC namespace: %s", strerror(errno));
}

/* A session with RULES in it, as the harness would lay it out. */
static void prepare(const char *rules)
{
	uint64_t plan_bytes = plan_size(1024), size = session_layout(BLOCKS, ARENA, plan_bytes).total;
	struct plan_error error;
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	session = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	ck_assert_ptr_ne(session, MAP_FAILED);
	ck_assert_int_eq(session_init(session, size, BLOCKS, ARENA, plan_bytes), 0);
	session->stacks = STACKS_NONE;
	session->wait_ms = 0;
	plan = session_plan(session);
	ck_assert_int_eq(plan_init(plan, plan_bytes, 0), 0);
	ck_assert_int_eq(plan_parse(plan, rules, strlen(rules), &error), 0);
	plan->is_private = 1;
}

static void run(const char *rules, const char *letters)
{
	int ends[2];
	size_t length = 0;
	ssize_t got;
	pid_t child;

	prepare(rules);
	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		setenv("LD_PRELOAD", BUILD "/libshmcheck.so", 1);
		setenv(ENV_SESSION, path, 1);
		setenv(ENV_SELF, "0:0:0:0:main", 1);
		execl(BUILD "/tests/programs/inject_caller", BUILD "/tests/programs/inject_caller", letters,
		      (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (length + 1 < OUTPUT && (got = read(ends[0], output + length, OUTPUT - 1 - length)) > 0)
		length += (size_t)got;
	output[length] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	unlink(path);
	ck_assert_msg(__atomic_load_n(&session->next_process, __ATOMIC_RELAXED) > 0,
		      "broken: the shim was not there");
}

/* The INDEX-th finished record of EVENT in time order, from 0. */
static const struct record *record_of(unsigned event, unsigned index)
{
	uint64_t after = 0;

	for (;;) {
		const struct record *next = NULL;

		for (unsigned i = 0; i < BLOCKS * BLOCK_RECORDS; i++) {
			const struct record *record =
			    &session_blocks(session)[i / BLOCK_RECORDS].records[i % BLOCK_RECORDS];

			if (record->state == RECORD_DONE && record->event == event &&
			    record->begin_ns > after && (!next || record->begin_ns < next->begin_ns))
				next = record;
		}
		ck_assert_msg(next, "no such record");
		if (!index--)
			return next;
		after = next->begin_ns;
	}
}

static int segments(void)
{
	struct shm_info info;

	ck_assert_int_ge(shmctl(0, SHM_INFO, (struct shmid_ds *)&info), 0);
	return info.used_ids;
}

START_TEST(an_injected_failure_has_the_type_of_its_call_and_is_marked)
{
	run("shmat:error=ENOMEM:when=2", "gaaadr");
	ck_assert_str_eq(
	    output,
	    "shmget ok - 1\nshmat ok - 0\nshmat failed ENOMEM 0\nshmat ok - 0\nshmdt ok - 0\nrmid ok - 0\n");
	const struct record *record = record_of(CALL_SHMAT, 1);

	ck_assert_uint_eq(record->flags, RECORD_INJECTED | RECORD_FAILED);
	ck_assert_int_eq(record->error, ENOMEM);
	ck_assert_int_eq(record->result, -1);
	ck_assert_uint_eq(record->rule, 1);
	ck_assert_uint_eq(record_of(CALL_SHMAT, 2)->flags, 0);
	ck_assert_uint_eq(plan_matches(plan, 0), 3);
	ck_assert_uint_eq(plan_hits(plan, 0), 1);
}
END_TEST

START_TEST(every_call_can_fail)
{
	run("all:error=EIO:when=1+", "kgadsr");
	ck_assert_str_eq(output,
			 "ftok failed EIO 1\nshmget failed EIO 0\nshmat failed EIO 0\nshmdt failed EIO 0\n"
			 "stat failed EIO 0\nrmid failed EIO 0\n");
	ck_assert_int_eq(segments(), 0);
}
END_TEST

START_TEST(skip_makes_no_call_and_after_makes_it)
{
	run("shmget:error=ENOSPC", "g");
	ck_assert_int_eq(segments(), 0);
	run("shmget:error=ENOSPC:effect=after", "g");
	ck_assert_str_eq(output, "shmget failed ENOSPC 0\n");
	ck_assert_int_eq(segments(), 1);
	ck_assert_uint_eq(record_of(CALL_SHMGET, 0)->flags & (RECORD_AFTER | RECORD_INJECTED),
			  RECORD_AFTER | RECORD_INJECTED);
	ck_assert_int_eq(shmctl((int)record_of(CALL_SHMGET, 0)->detail[0], IPC_RMID, NULL), 0);
}
END_TEST

START_TEST(retval_lies_and_leaves_errno_alone)
{
	run("shmctl.RMID:retval=0:effect=skip;shmget:retval=0:when=2", "ggr");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget ok - 1\nrmid ok - 0\n");
	ck_assert_int_eq(segments(), 1);
}
END_TEST

START_TEST(one_count_goes_through_fork_thread_and_exec)
{
	run("shmget:error=ENOSPC:when=3", "gpgg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget ok - 1\nshmget failed ENOSPC 0\n");
	run("shmget:error=ENOSPC:when=3", "gtgg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget ok - 1\nshmget failed ENOSPC 0\n");
	run("shmget:error=ENOSPC:when=3", "gegg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget ok - 1\nshmget failed ENOSPC 0\n");
}
END_TEST

START_TEST(counts_by_process_and_thread_begin_anew_there)
{
	run("shmget:error=ENOSPC:when=2:scope=process", "gpgg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget ok - 1\nshmget failed ENOSPC 0\n");
	run("shmget:error=ENOSPC:when=2:scope=process", "gegg"); /* exec keeps the process */
	ck_assert_str_eq(output, "shmget ok - 1\nshmget failed ENOSPC 0\nshmget ok - 1\n");
	run("shmget:error=ENOSPC:when=2:scope=process", "gtgg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget failed ENOSPC 0\nshmget ok - 1\n");
	run("shmget:error=ENOSPC:when=2:scope=thread", "gtgg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget ok - 1\nshmget failed ENOSPC 0\n");
}
END_TEST

START_TEST(a_role_is_met_in_the_child_only)
{
	run("main@1/shmget:error=ENOSPC", "gpg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget failed ENOSPC 0\n");
}
END_TEST

START_TEST(a_signal_comes_after_the_record_or_before_the_call)
{
	run("shmget:signal=SIGKILL", "g");
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(segments(), 1);
	ck_assert_uint_eq(record_of(CALL_SHMGET, 0)->flags & RECORD_CREATED, RECORD_CREATED);
	run("shmget:signal=SIGKILL@enter", "g");
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(segments(), 1);
}
END_TEST

START_TEST(a_delay_lies_outside_the_record_that_it_delays)
{
	run("shmat:delay_exit=30ms;shmdt:delay_enter=20ms", "gad");
	ck_assert_uint_ge(record_of(CALL_SHMDT, 0)->begin_ns - record_of(CALL_SHMAT, 0)->end_ns, 50000000);
	ck_assert_uint_lt(record_of(CALL_SHMAT, 0)->end_ns - record_of(CALL_SHMAT, 0)->begin_ns, 20000000);
}
END_TEST

START_TEST(the_caller_is_known_by_module)
{
	run("shmget:error=ENOSPC:in=inject_call*", "g");
	ck_assert_str_eq(output, "shmget failed ENOSPC 0\n");
	run("shmget:error=ENOSPC:in=libc.so.6", "g");
	ck_assert_str_eq(output, "shmget ok - 1\n");
}
END_TEST

START_TEST(a_removed_segment_is_refused_by_the_kernel_itself)
{
	run("shmat:world=removed", "gas");
	ck_assert_str_eq(output, "shmget ok - 1\nshmat failed EINVAL 0\nstat failed EINVAL 0\n");
	ck_assert_int_eq(segments(), 0);
	ck_assert_uint_eq(record_of(CALL_SHMCTL, 0)->flags, RECORD_PLANTED);
	ck_assert_uint_eq(record_of(CALL_SHMAT, 0)->flags, RECORD_WORLD | RECORD_FAILED);
	ck_assert_uint_eq(plan_hits(plan, 0), 1);
}
END_TEST

START_TEST(a_stale_segment_meets_the_careful_and_the_careless)
{
	run("shmget:world=stale", "c");
	ck_assert_str_eq(output, "shmget failed EEXIST 0\n");
	ck_assert_int_eq(plan->planted[0].state, 2);
	ck_assert_int_eq(shmctl(plan->planted[0].shmid, IPC_RMID, NULL), 0);
	run("shmget:world=stale", "oa");
	ck_assert_str_eq(output, "shmget ok - 0\nshmat ok - 165\n");
	ck_assert_int_eq(shmctl(plan->planted[0].shmid, IPC_RMID, NULL), 0);
	run("shmget:world=stale,16", "o");
	ck_assert_str_eq(output, "shmget failed EINVAL 0\n");
	ck_assert_int_eq(shmctl(plan->planted[0].shmid, IPC_RMID, NULL), 0);
}
END_TEST

START_TEST(a_full_or_small_namespace_is_so_for_one_call)
{
	run("shmget:world=full:when=2", "ggg");
	ck_assert_str_eq(output, "shmget ok - 1\nshmget failed ENOSPC 0\nshmget ok - 1\n");
	run("shmget:world=small:when=1", "gg");
	ck_assert_str_eq(output, "shmget failed EINVAL 0\nshmget ok - 1\n");
	ck_assert_uint_eq(plan->window, 0);
}
END_TEST

START_TEST(a_world_that_could_not_be_made_is_no_hit)
{
	run("shmget:world=removed", "f");
	ck_assert_str_eq(output, "shmget failed ENOENT 0\n");
	ck_assert_uint_eq(plan_hits(plan, 0), 0);
	ck_assert_uint_eq(plan->world_failed, 1);
}
END_TEST

START_TEST(two_paths_collide_when_asked_for)
{
	run("ftok:world=collide:when=3", "k");
	ck_assert_str_eq(output, "ftok ok - 1\n");
	ck_assert_uint_eq(plan_hits(plan, 0), 1);
}
END_TEST

START_TEST(an_attach_is_moved_to_another_place)
{
	run("shmat:world=relocate:when=2", "gadad");
	ck_assert_int_ne(record_of(CALL_SHMAT, 0)->result, record_of(CALL_SHMAT, 1)->result);
	run("shmat:delay_exit=1ns", "gadad"); /* the twin: without it the place is the same */
	ck_assert_int_eq(record_of(CALL_SHMAT, 0)->result, record_of(CALL_SHMAT, 1)->result);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("inject");
	TCase *tcase = tcase_create("under the shim");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, an_injected_failure_has_the_type_of_its_call_and_is_marked);
	tcase_add_test(tcase, every_call_can_fail);
	tcase_add_test(tcase, skip_makes_no_call_and_after_makes_it);
	tcase_add_test(tcase, retval_lies_and_leaves_errno_alone);
	tcase_add_test(tcase, one_count_goes_through_fork_thread_and_exec);
	tcase_add_test(tcase, counts_by_process_and_thread_begin_anew_there);
	tcase_add_test(tcase, a_role_is_met_in_the_child_only);
	tcase_add_test(tcase, a_signal_comes_after_the_record_or_before_the_call);
	tcase_add_test(tcase, a_delay_lies_outside_the_record_that_it_delays);
	tcase_add_test(tcase, the_caller_is_known_by_module);
	tcase_add_test(tcase, a_removed_segment_is_refused_by_the_kernel_itself);
	tcase_add_test(tcase, a_stale_segment_meets_the_careful_and_the_careless);
	tcase_add_test(tcase, a_full_or_small_namespace_is_so_for_one_call);
	tcase_add_test(tcase, a_world_that_could_not_be_made_is_no_hit);
	tcase_add_test(tcase, two_paths_collide_when_asked_for);
	tcase_add_test(tcase, an_attach_is_moved_to_another_place);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
