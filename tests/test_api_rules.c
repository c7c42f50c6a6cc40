// SPDX-License-Identifier: MIT
// tests: shmcheck.h: rules that a program sets for itself.
#include "own_namespace.h"
#include "suite.h"

#include <pthread.h>
#include <sys/shm.h>
#include <sys/wait.h>

static int segment;

static void make_segment(void)
{
	segment = shmget(IPC_PRIVATE, 4096, 0600);
	ck_assert_int_ge(segment, 0);
}

static void remove_segment(void)
{
	ck_assert_int_eq(shmctl(segment, IPC_RMID, NULL), 0);
}

/* Attaches and detaches; returns 0 or errno. */
static int attach(void)
{
	void *address;
	errno = 0;
	address = shmat(segment, NULL, 0);
	if (address == (void *)-1)
		return errno;
	shmdt(address);
	return 0;
}

/* Runs WORK in a child; returns its exit status. */
static int in_child(int (*work)(void))
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(work());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status), "the child died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

START_TEST(an_injected_error_comes_once_and_is_counted)
{
	int rule = shmcheck_inject("shmat:error=ENOMEM:when=2");
	ck_assert_int_eq(rule, 0);
	ck_assert_int_eq(attach(), 0);
	ck_assert_int_eq(attach(), ENOMEM);
	ck_assert_int_eq(attach(), 0);
	ck_assert_int_eq(shmcheck_hits(rule), 1);
	ck_assert_int_eq(shmcheck_matches(rule), 3);
}
END_TEST

START_TEST(cleared_rules_do_nothing_and_have_no_numbers)
{
	ck_assert_int_eq(shmcheck_inject("shmat:error=ENOMEM"), 0);
	ck_assert_int_eq(shmcheck_inject("shmdt:error=EINVAL:expect=any"), 1);
	ck_assert_int_eq(attach(), ENOMEM);
	shmcheck_clear();
	ck_assert_int_eq(attach(), 0);
	ck_assert_int_eq(shmcheck_hits(0), -1);
	ck_assert_int_eq(shmcheck_inject("shmat:error=EACCES"), 0);
	ck_assert_int_eq(attach(), EACCES);
	ck_assert_int_eq(shmcheck_hits(0), 1);
}
END_TEST

START_TEST(many_sets_of_rules_one_after_another_each_begin_at_nothing)
{
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(shmcheck_inject(i % 2 ? "shmat:error=ENOMEM" : "shmat:error=EACCES"), 0);
		ck_assert_int_eq(shmcheck_hits(0), 0);
		ck_assert_int_eq(attach(), i % 2 ? ENOMEM : EACCES);
		ck_assert_int_eq(shmcheck_hits(0), 1);
		shmcheck_clear();
	}
}
END_TEST

START_TEST(a_wrong_rule_is_refused_with_the_place_and_the_nearest_name)
{
	errno = 0;
	ck_assert_int_eq(shmcheck_inject("shmat:error=ENOMEN"), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_nonnull(strstr(shmcheck_error(), "column 13"));
	ck_assert_ptr_nonnull(strstr(shmcheck_error(), "ENOMEM"));
	ck_assert_int_eq(shmcheck_inject(""), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(shmcheck_inject(NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(shmcheck_hits(0), -1);
	ck_assert_int_eq(attach(), 0);
	ck_assert_int_eq(shmcheck_inject("shmat:error=ENOMEM"), 0);
	ck_assert_str_eq(shmcheck_error(), "");
	ck_assert_int_eq(attach(), ENOMEM);
}
END_TEST

START_TEST(a_world_that_touches_the_namespace_is_refused)
{
	errno = 0;
	ck_assert_int_eq(shmcheck_inject("shmget:world=full"), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_ptr_nonnull(strstr(shmcheck_error(), "namespace"));
	ck_assert_int_eq(shmcheck_hits(0), -1);
}
END_TEST

START_TEST(the_sixty_fifth_rule_is_refused)
{
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(shmcheck_inject("shmdt:error=EINVAL:when=9:expect=any"), i);
	errno = 0;
	ck_assert_int_eq(shmcheck_inject("shmdt:error=EINVAL:when=9:expect=any"), -1);
	ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

START_TEST(a_rule_that_had_no_effect_is_missed_unless_it_may_be)
{
	char text[256];
	shmcheck_inject("shmdt:error=EINVAL:when=7:expect=any");
	ck_assert_int_eq(shmcheck_missed(text, sizeof text), 0);
	shmcheck_inject("shmat:error=ENOMEM:when=7");
	ck_assert_int_eq(shmcheck_missed(text, sizeof text), 1);
	ck_assert_str_eq(text, "shmat:error=ENOMEM:when=7");
	ck_assert_int_eq(shmcheck_missed(NULL, 0), 1);
	shmcheck_clear();
	ck_assert_int_eq(shmcheck_missed(text, sizeof text), 0);
}
END_TEST

static int set_and_attach(void)
{
	return shmcheck_inject("shmat:error=EACCES") == 0 ? attach() : 99;
}

START_TEST(a_childs_rules_are_its_own)
{
	ck_assert_int_eq(in_child(set_and_attach), EACCES);
	ck_assert_int_eq(shmcheck_hits(0), -1);
	ck_assert_int_eq(attach(), 0);
}
END_TEST

static int add_second(void)
{
	if (shmcheck_inject("shmat:error=EACCES:when=2+:expect=any") != 1)
		return 99;
	return attach() == ENOMEM && attach() == EACCES && shmcheck_hits(0) == 2 ? 0 : 98;
}

START_TEST(a_child_inherits_rules_and_counts_for_them_until_it_changes_them)
{
	int rule = shmcheck_inject("shmat:error=ENOMEM:when=1..2");
	ck_assert_int_eq(attach(), ENOMEM);
	ck_assert_int_eq(in_child(attach), ENOMEM);
	ck_assert_int_eq(shmcheck_hits(rule), 2);
	ck_assert_int_eq(in_child(attach), 0);
	shmcheck_clear();
	ck_assert_int_eq(shmcheck_inject("shmat:error=ENOMEM:when=1..2"), 0);
	ck_assert_int_eq(attach(), ENOMEM);
	ck_assert_int_eq(in_child(add_second), 0);
	ck_assert_int_eq(shmcheck_hits(0), 1);
	ck_assert_int_eq(attach(), ENOMEM);
}
END_TEST

enum { THREADS = 8, ROUNDS = 400 };

static void *attach_often(void *failures)
{
	for (int i = 0; i < ROUNDS; i++)
		if (attach() == ENOMEM)
			__atomic_add_fetch((int *)failures, 1, __ATOMIC_RELAXED);
	return NULL;
}

START_TEST(threads_share_the_count)
{
	pthread_t threads[THREADS];
	int failures = 0, rule = shmcheck_inject("shmat:error=ENOMEM:when=10+10");
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, attach_often, &failures), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(failures, THREADS * ROUNDS / 10);
	ck_assert_int_eq(shmcheck_hits(rule), failures);
	ck_assert_int_eq(shmcheck_matches(rule), THREADS * ROUNDS);
}
END_TEST

static void *change_rules(void *stop)
{
	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
		shmcheck_inject("shmat:error=ENOMEM:expect=any");
		shmcheck_clear();
	}
	return NULL;
}

START_TEST(rules_come_and_go_under_running_calls)
{
	pthread_t threads[THREADS], changer;
	int failures = 0, stop = 0;
	ck_assert_int_eq(pthread_create(&changer, NULL, change_rules, &stop), 0);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, attach_often, &failures), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(changer, NULL);
	shmcheck_clear();
	ck_assert_int_eq(attach(), 0);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("api_rules");
	TCase *tcase = tcase_create("rules");
	tcase_add_own_namespace(tcase);
	tcase_add_checked_fixture(tcase, make_segment, remove_segment);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_injected_error_comes_once_and_is_counted);
	tcase_add_test(tcase, cleared_rules_do_nothing_and_have_no_numbers);
	tcase_add_test(tcase, many_sets_of_rules_one_after_another_each_begin_at_nothing);
	tcase_add_test(tcase, a_wrong_rule_is_refused_with_the_place_and_the_nearest_name);
	tcase_add_test(tcase, a_world_that_touches_the_namespace_is_refused);
	tcase_add_test(tcase, the_sixty_fifth_rule_is_refused);
	tcase_add_test(tcase, a_rule_that_had_no_effect_is_missed_unless_it_may_be);
	tcase_add_test(tcase, a_childs_rules_are_its_own);
	tcase_add_test(tcase, a_child_inherits_rules_and_counts_for_them_until_it_changes_them);
	tcase_add_test(tcase, threads_share_the_count);
	tcase_add_test(tcase, rules_come_and_go_under_running_calls);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_run(make_suite());
}
