// SPDX-License-Identifier: MIT
// tests: a Check suite, each test of which has an innocent twin; api.bats runs it. Guilty: odd ones fail, and say where.
#include <shmcheck-check.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 8192 };

static int is_guilty;
static key_t key = 0x7b7b;

static int make(void)
{
	return shmget(IPC_PRIVATE, SIZE, 0600); /* segment */
}

static void give_back(int id)
{
	if (!is_guilty)
		shmctl(id, IPC_RMID, NULL);
}

START_TEST(segment)
{
	give_back(make());
}
END_TEST

START_TEST(attachment)
{
	int id = make();
	void *address = shmat(id, NULL, 0); /* attachment */
	shmctl(id, IPC_RMID, NULL);
	if (!is_guilty)
		shmdt(address);
}
END_TEST

START_TEST(childs_segment)
{
	if (fork() == 0) {
		give_back(make());
		_exit(0);
	}
	wait(NULL);
}
END_TEST

START_TEST(asserted)
{
	give_back(make());
	ck_assert_no_shm_leaks(); /* asserted */
	ck_assert(!is_guilty);
}
END_TEST

START_TEST(unused_rule)
{
	int id = make(), rule = ck_shm_fail(shmat, ENOMEM);
	if (!is_guilty) {
		ck_assert_ptr_eq(shmat(id, NULL, 0), (void *)-1);
		ck_assert_int_eq(errno, ENOMEM);
		ck_assert_shm_hits(rule, 1);
	}
	shmctl(id, IPC_RMID, NULL);
}
END_TEST

START_TEST(wrong_rule)
{
	ck_shm_inject(is_guilty ? "shmat:error=ENOMEN" : "shmat:error=ENOMEM:expect=any"); /* wrong rule */
}
END_TEST

/* A rule of the test before is gone, and so is what it left. */
START_TEST(nothing)
{
	int id = shmget(key, SIZE, IPC_CREAT | IPC_EXCL | 0600);
	ck_assert_int_ge(id, 0);
	ck_assert_int_eq(shmdt(shmat(id, NULL, 0)), 0);
	shmctl(id, IPC_RMID, NULL);
}
END_TEST

START_TEST(keyed_segment)
{
	int id = shmget(key, SIZE, IPC_CREAT | IPC_EXCL | 0600);
	ck_assert_int_ge(id, 0);
	give_back(id);
}
END_TEST

int main(int argc, char **argv)
{
	Suite *suite = suite_create("twins");
	TCase *tcase = tcase_create("twins");
	SRunner *runner;
	int failed;
	is_guilty = argc > 1 && strcmp(argv[1], "guilty") == 0;
	if (argc > 2)
		key = (key_t)strtol(argv[2], NULL, 0);
	tcase_add_shmcheck(tcase);
	tcase_add_test(tcase, segment);
	tcase_add_test(tcase, attachment);
	tcase_add_test(tcase, childs_segment);
	tcase_add_test(tcase, asserted);
	tcase_add_test(tcase, unused_rule);
	tcase_add_test(tcase, wrong_rule);
	tcase_add_test(tcase, keyed_segment);
	tcase_add_test(tcase, nothing);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
