// SPDX-License-Identifier: MIT
// tests: shmcheck.h: stacks and places in words, with the command and without it.
#include "own_namespace.h"
#include "suite.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/shm.h>
#include <sys/wait.h>

static struct shmcheck_leak leaks[2];
static char text[4096];
static int made_at; /* the line of make's shmget */

static __attribute__((noinline)) int make(void)
{
	int id;
	made_at = __LINE__ + 1;
	id = shmget(0x5151, 8192, IPC_CREAT | IPC_EXCL | 0600);
	ck_assert_int_ge(id, 0);
	return id;
}

static __attribute__((noinline)) void *attach(int id)
{
	void *address = shmat(id, NULL, 0);
	ck_assert_ptr_ne(address, (void *)-1);
	return address;
}

/* One segment, attached; explained, and gone again. */
static void explain_both(void)
{
	struct shmcheck_mark mark = shmcheck_mark();
	int id = make();
	size_t length;
	void *address = attach(id);
	ck_assert_int_eq(shmcheck_leaks(&mark, leaks, 2), 2);
	errno = ENOTTY;
	length = shmcheck_explain(leaks, 2, text, sizeof text);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_uint_eq(length, strlen(text));
	shmdt(address);
	shmctl(id, IPC_RMID, NULL);
}

static void assert_says(const char *words)
{
	ck_assert_msg(strstr(text, words), "not said: '%s' in:\n%s", words, text);
}

START_TEST(a_leak_is_explained_with_its_functions_file_and_line)
{
	char place[64];
	explain_both();
	assert_says("segment 0 (8192 bytes, key 0x00005151)");
	snprintf(place, sizeof place, "make (test_api_explain.c:%d)", made_at);
	assert_says(place);
	assert_says("explain_both");
	assert_says("attachment of segment 0 (8192 bytes");
	assert_says("attach (test_api_explain.c:");
}
END_TEST

START_TEST(the_place_is_the_innermost_line_whose_source_is_known)
{
	struct shmcheck_place place;
	explain_both();
	ck_assert_int_eq(shmcheck_place(&leaks[0], &place), 0);
	ck_assert_str_eq(strrchr(place.file, '/'), "/test_api_explain.c");
	ck_assert_int_eq(place.line, made_at);
	ck_assert_str_eq(place.function, "make");
}
END_TEST

START_TEST(a_call_that_was_not_seen_has_no_place)
{
	struct shmcheck_leak unseen = {.kind = SHMCHECK_SEGMENT, .shmid = 7, .bytes = 10};
	struct shmcheck_place place = {.line = 5};
	shmcheck_mark();
	errno = 0;
	ck_assert_int_eq(shmcheck_place(&unseen, &place), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(place.line, 5);
	shmcheck_explain(&unseen, 1, text, sizeof text);
	assert_says("not seen");
}
END_TEST

START_TEST(without_the_command_the_binary_and_the_offset_are_said)
{
	struct shmcheck_place place;
	setenv("SHMCHECK_COMMAND", "/nowhere/shmcheck", 1);
	explain_both();
	assert_says("segment 0 (8192 bytes, key 0x5151)");
	assert_says("+0x");
	assert_says("not found");
	ck_assert_int_eq(shmcheck_place(&leaks[0], &place), -1);
	setenv("SHMCHECK_COMMAND", "/bin/false", 1);
	explain_both();
	assert_says("+0x");
	unsetenv("SHMCHECK_COMMAND");
}
END_TEST

START_TEST(a_small_buffer_is_filled_and_ended)
{
	char small[40];
	explain_both();
	memset(small, 'x', sizeof small);
	ck_assert_uint_eq(shmcheck_explain(leaks, 2, small, 20), 19);
	ck_assert_int_eq(small[19], '\0');
	ck_assert_int_eq(small[20], 'x');
	ck_assert_int_eq(strncmp(small, text, 19), 0);
	ck_assert_uint_eq(shmcheck_explain(leaks, 2, small, 0), 0);
	ck_assert_uint_eq(shmcheck_explain(leaks, 0, small, 20), 0);
	ck_assert_uint_eq(shmcheck_explain(NULL, 3, small, 20), 0);
}
END_TEST

START_TEST(a_program_that_waits_for_any_child_and_has_no_descriptors_is_answered_too)
{
	int saved[2] = {dup(0), dup(1)};
	close(0);
	close(1);
	explain_both();
	dup2(saved[0], 0);
	dup2(saved[1], 1);
	close(saved[0]);
	close(saved[1]);
	assert_says("make (test_api_explain.c:");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	signal(SIGCHLD, SIG_IGN);
	explain_both();
	signal(SIGCHLD, SIG_DFL);
	assert_says("make (test_api_explain.c:");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("api_explain");
	TCase *tcase = tcase_create("explain");
	tcase_add_own_namespace(tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_leak_is_explained_with_its_functions_file_and_line);
	tcase_add_test(tcase, the_place_is_the_innermost_line_whose_source_is_known);
	tcase_add_test(tcase, a_call_that_was_not_seen_has_no_place);
	tcase_add_test(tcase, without_the_command_the_binary_and_the_offset_are_said);
	tcase_add_test(tcase, a_small_buffer_is_filled_and_ended);
	tcase_add_test(tcase, a_program_that_waits_for_any_child_and_has_no_descriptors_is_answered_too);
	suite_add_tcase(suite, tcase);
	return suite;
}

int main(void)
{
	return suite_run(make_suite());
}
