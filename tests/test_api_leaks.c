// SPDX-License-Identifier: MIT
// tests: shmcheck.h: what was left since a mark, and who is not to blame.
#include "leaks.h"
#include "own_namespace.h"
#include "suite.h"

#include <pthread.h>
#include <sys/shm.h>
#include <sys/wait.h>

START_TEST(what_was_made_before_the_mark_does_not_count)
{
	int before = make(IPC_PRIVATE);
	void *address = attach(before);
	set_mark();
	ck_assert_int_eq(count(), 0);
	shmdt(address);
	drop(before);
}
END_TEST

START_TEST(a_segment_counts_until_it_is_removed)
{
	int id;
	set_mark();
	id = make(0x1234);
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(leaks[0].kind, SHMCHECK_SEGMENT);
	ck_assert_int_eq(leaks[0].shmid, id);
	ck_assert_int_eq(leaks[0].key, 0x1234);
	ck_assert_int_eq(leaks[0].pid, getpid());
	ck_assert_uint_eq(leaks[0].bytes, SIZE);
	ck_assert_uint_eq(leaks[0].attached, 0);
	ck_assert_ptr_null(leaks[0].address);
	ck_assert_ptr_nonnull(leaks[0].caller);
	drop(id);
	ck_assert_int_eq(count(), 0);
}
END_TEST

START_TEST(finding_an_existing_segment_makes_nobody_its_maker)
{
	int before = make(0x77);
	set_mark();
	ck_assert_int_eq(make(0x77), before);
	ck_assert_int_eq(count(), 0);
	drop(before);
}
END_TEST

START_TEST(remapping_ends_what_was_there_only_when_it_succeeds)
{
	int first, removed, second;
	void *address;
	set_mark();
	first = make(IPC_PRIVATE);
	removed = make(IPC_PRIVATE);
	second = make(IPC_PRIVATE);
	address = attach(first);
	drop(removed);
	ck_assert_ptr_eq(shmat(removed, address, SHM_REMAP), (void *)-1);
	ck_assert_int_eq(count(), 3);
	ck_assert_ptr_eq(shmat(second, address, SHM_REMAP), address);
	ck_assert_int_eq(count(), 3);
	shmdt(address);
	ck_assert_int_eq(count(), 2);
	drop(first);
	drop(second);
	ck_assert_int_eq(count(), 0);
}
END_TEST

START_TEST(an_attachment_counts_until_shmdt_even_of_a_removed_segment)
{
	int id;
	void *address;
	set_mark();
	id = make(IPC_PRIVATE);
	address = attach(id);
	drop(id);
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(leaks[0].kind, SHMCHECK_ATTACHMENT);
	ck_assert_int_eq(leaks[0].shmid, id);
	ck_assert_ptr_eq(leaks[0].address, address);
	ck_assert_uint_eq(leaks[0].bytes, SIZE);
	shmdt(address);
	ck_assert_int_eq(count(), 0);
}
END_TEST

static int make_one(void)
{
	return shmget(IPC_PRIVATE, SIZE, 0600) == -1;
}

static int make_in_child(void)
{
	return in_child(make_one);
}

START_TEST(a_dead_childs_segment_counts_its_attachments_do_not)
{
	set_mark();
	ck_assert_int_eq(in_child(make_in_child), 0);
	ck_assert_int_eq(count(), 1);
	ck_assert_int_ne(leaks[0].pid, getpid());
	ck_assert_int_eq(shmcheck_remove(leaks, 1), 1);
	ck_assert_int_eq(count(), 0);
}
END_TEST

/* Says on one pipe that it has its mark, waits on another, and answers how many leaks it sees. */
static int to_child[2], from_child[2];

static int watch_alone(void)
{
	char c = 'x';
	set_mark();
	if (write(from_child[1], &c, 1) != 1 || read(to_child[0], &c, 1) != 1)
		return 99;
	return count();
}

START_TEST(a_childs_mark_sees_neither_its_parents_nor_its_siblings_segments)
{
	int id, status = -1;
	char c;
	pid_t child;
	ck_assert_int_eq(pipe(to_child) | pipe(from_child), 0);
	child = fork();
	if (child == 0)
		_exit(watch_alone());
	ck_assert_int_eq(read(from_child[0], &c, 1), 1);
	id = make(IPC_PRIVATE);
	ck_assert_int_eq(in_child(make_in_child), 0);
	ck_assert_int_eq(write(to_child[1], &c, 1), 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	drop(id);
	ck_assert_int_eq(shmcheck_leaks(&shmcheck_check_mark_, leaks, MOST), 1);
	ck_assert_int_eq(shmcheck_remove(leaks, 1), 1);
}
END_TEST

START_TEST(a_program_that_system_ran_meanwhile_is_a_stranger)
{
	set_mark();
	ck_assert_int_eq(system("ipcmk -M 4096 >/dev/null && test -z \"$SHMCHECK_SESSION$SHMCHECK_SELF\""),
			 0);
	ck_assert_int_eq(count(), 0);
	ck_assert_int_eq(system("ipcrm --all=shm"), 0);
}
END_TEST

static int run_with_variables(void)
{
	setenv("SHMCHECK_SESSION", "/nowhere", 1);
	setenv("SHMCHECK_SELF", "somebody", 1);
	if (system("test $SHMCHECK_SESSION$SHMCHECK_SELF = /nowheresomebody"))
		return 1;
	execl("/bin/sh", "sh", "-c", "test $SHMCHECK_SESSION$SHMCHECK_SELF = /nowheresomebody", (char *)NULL);
	return 99;
}

START_TEST(the_environment_of_other_programs_is_left_alone)
{
	set_mark();
	ck_assert_int_eq(in_child(run_with_variables), 0);
}
END_TEST

START_TEST(what_a_rule_hides_from_the_program_is_excused)
{
	int id;
	void *address;
	set_mark();
	ck_assert_int_eq(shmcheck_inject("shmget:error=ENOMEM:effect=after:when=1"), 0);
	ck_assert_int_eq(shmget(IPC_PRIVATE, SIZE, 0600), -1);
	id = make(IPC_PRIVATE);
	address = attach(id);
	ck_assert_int_eq(shmcheck_inject("shmctl.RMID:error=EPERM"), 1);
	ck_assert_int_eq(shmctl(id, IPC_RMID, NULL), -1);
	ck_assert_int_eq(shmcheck_inject("shmdt:error=EINVAL:when=1"), 2);
	ck_assert_int_eq(shmdt(address), -1);
	ck_assert_int_eq(count(), 0);
	shmdt(address);
	shmcheck_clear();
	drop(id);
}
END_TEST

START_TEST(a_key_that_is_meant_to_stay_is_no_leak)
{
	int stays, goes;
	set_mark();
	ck_assert_int_eq(shmcheck_expect_persistent(0x4242), 0);
	errno = 0;
	ck_assert_int_eq(shmcheck_expect_persistent(IPC_PRIVATE), -1);
	ck_assert_int_eq(errno, EINVAL);
	stays = make(0x4242);
	goes = make(0x4343);
	ck_assert_int_eq(count(), 1);
	ck_assert_int_eq(leaks[0].shmid, goes);
	drop(goes);
	drop(stays);
}
END_TEST

START_TEST(a_mark_that_is_none_is_refused_and_room_is_kept_to)
{
	struct shmcheck_mark none = {0, 0, 0};
	errno = 0;
	ck_assert_int_eq(shmcheck_leaks(&none, leaks, MOST), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(shmcheck_leaks(NULL, leaks, MOST), -1);
	set_mark();
	for (int i = 0; i < 3; i++)
		make(IPC_PRIVATE);
	leaks[1].shmid = -7;
	ck_assert_int_eq(shmcheck_leaks(&mark, leaks, 1), 3);
	ck_assert_int_eq(leaks[1].shmid, -7);
	ck_assert_int_eq(shmcheck_leaks(&mark, NULL, 0), 3);
	ck_assert_int_eq(shmcheck_leaks(&mark, leaks, MOST), 3);
	leaks[0].key = 5;
	leaks[1].bytes++;
	ck_assert_int_eq(shmcheck_remove(leaks, 3), 1);
	ck_assert_int_eq(shmcheck_leaks(&mark, leaks, MOST), 2);
	ck_assert_int_eq(shmcheck_remove(leaks, 2), 2);
	ck_assert_int_eq(shmcheck_remove(leaks, 2), 0);
}
END_TEST

enum { THREADS = 8, ROUNDS = 200 };

/* Every tenth stays, and so does one attachment of it. */
static void *churn(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		int id = shmget(IPC_PRIVATE, SIZE, 0600);
		void *address = shmat(id, NULL, 0);
		if (i % 100 != 0) {
			shmdt(address);
			shmctl(id, IPC_RMID, NULL);
		}
	}
	return NULL;
}

START_TEST(threads_lose_and_invent_nothing)
{
	pthread_t threads[THREADS];
	static struct shmcheck_leak many[4 * THREADS];
	int found, stays = THREADS * ROUNDS / 100;
	set_mark();
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	found = shmcheck_leaks(&mark, many, 4 * THREADS);
	ck_assert_int_eq(found, 2 * stays);
	for (int i = 0; i < found; i++) {
		ck_assert_ptr_nonnull(many[i].caller);
		if (many[i].kind == SHMCHECK_ATTACHMENT)
			shmdt(many[i].address);
	}
	ck_assert_int_eq(shmcheck_remove(many, (size_t)found), stays);
	ck_assert_int_eq(count(), 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("api_leaks");
	TCase *tcase = tcase_create("leaks");
	tcase_add_own_namespace(tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_was_made_before_the_mark_does_not_count);
	tcase_add_test(tcase, a_segment_counts_until_it_is_removed);
	tcase_add_test(tcase, finding_an_existing_segment_makes_nobody_its_maker);
	tcase_add_test(tcase, remapping_ends_what_was_there_only_when_it_succeeds);
	tcase_add_test(tcase, an_attachment_counts_until_shmdt_even_of_a_removed_segment);
	tcase_add_test(tcase, a_dead_childs_segment_counts_its_attachments_do_not);
	tcase_add_test(tcase, a_childs_mark_sees_neither_its_parents_nor_its_siblings_segments);
	tcase_add_test(tcase, a_program_that_system_ran_meanwhile_is_a_stranger);
	tcase_add_test(tcase, the_environment_of_other_programs_is_left_alone);
	tcase_add_test(tcase, what_a_rule_hides_from_the_program_is_excused);
	tcase_add_test(tcase, a_key_that_is_meant_to_stay_is_no_leak);
	tcase_add_test(tcase, a_mark_that_is_none_is_refused_and_room_is_kept_to);
	tcase_add_test(tcase, threads_lose_and_invent_nothing);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_run(make_suite());
}
