// SPDX-License-Identifier: MIT
// The counter's tests, with Check; what a test leaves behind fails it.
#include "counter.h"

#include <check.h>
#include <errno.h>
#include <shmcheck-check.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 0x636e7472 };

START_TEST(processes_share_the_count)
{
	struct counter *counter = counter_create(KEY);
	ck_assert_ptr_nonnull(counter);
	if (fork() == 0) {
		struct counter *mine = counter_join(KEY);
		_exit(mine && counter_add(mine, 40) == 40 ? 0 : 1);
	}
	int status;
	wait(&status);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(counter_add(counter, 2), 42);
	counter_close(counter);
}
END_TEST

START_TEST(joining_what_is_not_there_fails)
{
	ck_assert_ptr_null(counter_join(KEY));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(a_failed_attach_leaves_nothing)
{
	ck_shm_fail(shmat, ENOMEM);
	ck_assert_ptr_null(counter_create(KEY));
	ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("counter");
	TCase *tcase = tcase_create("counter");
	tcase_add_shmcheck(tcase);
	tcase_add_test(tcase, processes_share_the_count);
	tcase_add_test(tcase, joining_what_is_not_there_fails);
	tcase_add_test(tcase, a_failed_attach_leaves_nothing);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
