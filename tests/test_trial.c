// SPDX-License-Identifier: MIT
// tests: what one run of the program showed, from a worker to us.
#include "harness/explore/trial.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int make_file(void)
{
	int fd = memfd_create("trial", MFD_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

START_TEST(what_is_written_is_read)
{
	struct observation calls[] = {{.role = "main", .ordinal = 1}, {.role = "main@1", .ordinal = 7}};
	struct left_segments left[] = {{.stack = 5, .bytes = 4096, .count = 1}};
	struct place places[] = {{.stack = 5, .name = "make (a.c:1)"}, {.stack = 6}, {.stack = 7, .line = 9}};
	struct trial trial = {.status = 256,
			      .calls = calls,
			      .call_count = 2,
			      .left = left,
			      .left_count = 1,
			      .places = places,
			      .place_count = 3,
			      .why = "a word"};
	struct trial again;
	int fd = make_file();
	ck_assert_int_eq(trial_write(fd, &trial), 0);
	ck_assert_int_eq(trial_read(fd, &again), 0);
	ck_assert_int_eq(again.status, 256);
	ck_assert_str_eq(again.why, "a word");
	ck_assert_uint_eq(again.call_count, 2);
	ck_assert_mem_eq(again.calls, calls, sizeof calls);
	ck_assert_uint_eq(again.left_count, 1);
	ck_assert_mem_eq(again.left, left, sizeof left);
	ck_assert_uint_eq(again.misuse_count, 0);
	ck_assert_uint_eq(again.place_count, 3);
	ck_assert_mem_eq(again.places, places, sizeof places);
	trial_free(&again);
	ck_assert_ptr_null(again.calls);
	close(fd);
}
END_TEST

/* A worker that died in the middle. */
START_TEST(a_file_that_ends_early_is_no_trial)
{
	struct observation calls[3] = {{.ordinal = 1}};
	struct trial trial = {.calls = calls, .call_count = 3}, again = {.status = 77};
	int fd = make_file();
	ck_assert_int_lt(trial_read(fd, &again), 0);
	ck_assert_int_eq(trial_write(fd, &trial), 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)(sizeof trial + sizeof calls - 1)), 0);
	ck_assert_int_lt(trial_read(fd, &again), 0);
	ck_assert_int_eq(again.status, 77);
	close(fd);
}
END_TEST

START_TEST(a_count_that_cannot_be_is_no_trial)
{
	struct trial trial = {.status = 0}, again = {.status = 77};
	int fd = make_file();
	ck_assert_int_eq(trial_write(fd, &trial), 0);
	trial.call_count = SIZE_MAX / sizeof *trial.calls;
	ck_assert_int_eq(pwrite(fd, &trial, sizeof trial, 0), sizeof trial);
	ck_assert_int_lt(trial_read(fd, &again), 0);
	ck_assert_int_eq(again.status, 77);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("trial");
	TCase *all = tcase_create("all");
	tcase_add_test(all, what_is_written_is_read);
	tcase_add_test(all, a_file_that_ends_early_is_no_trial);
	tcase_add_test(all, a_count_that_cannot_be_is_no_trial);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
