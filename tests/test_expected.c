// SPDX-License-Identifier: MIT
// tests: what a program prints without a fault, learnt from several runs of it.
#include "harness/explore/expected.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RUNS_MAX = 4 };

static struct output text(const char *words)
{
	return (struct output){(char *)words, strlen(words)};
}

static struct expected learn(const char *const *runs)
{
	struct expected expected = {0};
	for (unsigned i = 0; i < RUNS_MAX && runs[i]; i++) {
		struct output output = text(runs[i]);
		ck_assert_int_ge(expected_learn(&expected, &output), 0);
	}
	return expected;
}

static uint64_t difference(const struct expected *expected, const char *words)
{
	struct output output = text(words);
	uint64_t difference = 77;
	ck_assert_int_eq(expected_compare(expected, &output, &difference), 0);
	return difference;
}

static const struct {
	const char *runs[RUNS_MAX], *now;
	bool is_expected;
} cases[] = {
    {{"a\nb\n", "a\nb\n"}, "a\nb\n", true},
    {{"a\nb\n", "a\nb\n"}, "a\nc\n", false},
    {{"pid 1\nb\n", "pid 2\nb\n"}, "pid 3\nb\n", true},
    {{"pid 1\nb\n", "pid 2\nb\n"}, "pid 3\nc\n", false},
    {{"pid 1\nb\n", "pid 2\nb\n"}, "b\n", false},
    {{"pid 1\nb\n", "pid 2\nb\n"}, "pid 3\npid 3\nb\n", false},
    {{"a\n", "a\n"}, "a", false},
    {{"a\n", "a\n"}, "", false},
    {{"a\n", "a\n"}, "a\na\n", false},
    {{"a\n", "a\nb\n"}, "a\nc\nd\n", true},
    {{"a\n", "a\nb\n"}, "b\nc\n", false},
    {{"", ""}, "", true},
    {{"", ""}, "x", false},
    {{"", "x\n"}, "y\nz\n", true},
    {{NULL}, "x", true},
    /* a third run tells what two did not */
    {{"coin 0\nsum 9\n", "coin 0\nsum 9\n", "coin 1\nsum 9\n"}, "coin 2\nsum 9\n", true},
    {{"coin 0\nsum 9\n", "coin 0\nsum 9\n", "coin 1\nsum 9\n"}, "coin 1\nsum 0\n", false},
    {{"t 0\nsum 9\nt 0\n", "t 1\nsum 9\nt 0\n", "t 0\nsum 9\nt 1\n"}, "t 2\nsum 9\nt 2\n", true},
    {{"t 0\nsum 9\nt 0\n", "t 1\nsum 9\nt 0\n", "t 0\nsum 9\nt 1\n"}, "t 2\nsum 0\nt 2\n", false},
    /* another number of lines shifts those behind */
    {{"on\nsum 9\nend\n", "on\non\nsum 9\nend\n"}, "on\non\non\nsum 9\nend\n", true},
    {{"on\nsum 9\nend\n", "on\non\nsum 9\nend\n"}, "on\non\non\nsum 0\nend\n", false},
    {{"on\nsum 9\nend\n", "on\non\nsum 9\nend\n"}, "on\nsum 9\n", false},
    {{"sum 9\n", "moment\nsum 9\n"}, "sum 9\n", true},
    {{"sum 9\n", "moment\nsum 9\n"}, "moment\nmoment\nsum 9\n", true},
    {{"sum 9\n", "moment\nsum 9\n"}, "sum 9\nmoment\n", false},
    {{"sum 9\n", "moment\nsum 9\n", "sum 9\nmoment\n"}, "sum 9\nmoment\n", true},
    {{"sum 9\n", "moment\nsum 9\n", "sum 9\nmoment\n"}, "moment\nsum 0\nmoment\n", false},
    {{"1\na\n2\nb\n", "1\n1\na\n2\nb\n", "1\na\n3\nb\n"}, "1\n1\n1\na\n9\nb\n", true},
    {{"1\na\n2\nb\n", "1\n1\na\n2\nb\n", "1\na\n3\nb\n"}, "1\na\n2\n2\nb\n", false},
    /* of lines in common one that comes once tells more than those that are repeated */
    {{"on\non\non\nsum 9\non\n", "on\nsum 9\non\non\non\n"}, "on\nsum 9\non\n", true},
    {{"on\non\non\nsum 9\non\n", "on\nsum 9\non\non\non\n"}, "on\nsum 0\non\n", false},
    {{"on\nsum 9\non\non\n", "on\non\nsum 9\non\n"}, "on\nsum 9\non\non\n", true},
    {{"on\nsum 9\non\non\n", "on\non\nsum 9\non\n"}, "on\nsum 0\non\non\n", false},
    /* two that changed places: whichever the pattern keeps, both have to be there, until one was seen to be left out */
    {{"moment\nsum 9\n", "sum 9\nmoment\n"}, "moment\nsum 9\n", true},
    {{"moment\nsum 9\n", "sum 9\nmoment\n"}, "moment\nsum 0\n", false},
    {{"moment\nsum 9\n", "sum 9\nmoment\n", "sum 9\n"}, "moment\nsum 0\n", false},
    {{"moment\nsum 9\n", "sum 9\nmoment\n", "sum 9\n"}, "sum 9\n", true},
    /* what was given up is not learnt back */
    {{"x\ny\n", "x\nz\n", "x\nz\n"}, "x\ny\n", true},
};

START_TEST(lines_that_differ_by_themselves_do_not_count)
{
	struct expected expected = learn(cases[_i].runs);
	for (unsigned i = 0; i < RUNS_MAX && cases[_i].runs[i]; i++)
		ck_assert_uint_eq(difference(&expected, cases[_i].runs[i]), 0);
	ck_assert_int_eq(difference(&expected, cases[_i].now) == 0, cases[_i].is_expected);
	expected_free(&expected);
}
END_TEST

START_TEST(learning_says_whether_it_was_news)
{
	struct expected expected = {0};
	const struct {
		const char *words;
		int news;
	} runs[] = {{"a\nb\n", 1}, {"a\nb\n", 0}, {"a\nc\n", 1}, {"a\nd\n", 0}, {"a\n", 1}, {"a\nx\ny\n", 0}};
	for (unsigned i = 0; i < sizeof runs / sizeof *runs; i++) {
		struct output output = text(runs[i].words);
		ck_assert_int_eq(expected_learn(&expected, &output), runs[i].news);
	}
	expected_free(&expected);
}
END_TEST

/* Two runs with one fault differ alike, whatever else they print that is another one in each run. */
START_TEST(differences_are_compared_without_what_differs_anyway)
{
	static const char *const noisy[] = {"pid 1\nsum 9\n", "pid 2\nsum 9\n", NULL};
	static const char *const lengthy[] = {"on\nsum 9\n", "on\non\nsum 9\n", NULL};
	struct expected expected = learn(noisy);
	ck_assert(difference(&expected, "pid 3\nsum 0\n") == difference(&expected, "pid 4\nsum 0\n"));
	ck_assert(difference(&expected, "pid 3\nsum 0\n") != difference(&expected, "pid 3\nsum 1\n"));
	ck_assert(difference(&expected, "pid 3\nsum 0\n") != difference(&expected, "pid 3\n"));
	expected_free(&expected);
	expected = learn(lengthy);
	ck_assert_uint_ne(difference(&expected, "on\nsum 0\n"), 0);
	ck_assert(difference(&expected, "on\nsum 0\n") == difference(&expected, "on\non\nsum 0\n"));
	expected_free(&expected);
}
END_TEST

static char *repeat(const char *line, unsigned count, const char *last)
{
	char *all = malloc(strlen(line) * count + strlen(last) + 1), *end = all;
	for (unsigned i = 0; i < count; i++)
		end = stpcpy(end, line);
	stpcpy(end, last);
	return all;
}

START_TEST(long_outputs_are_compared_at_both_ends)
{
	char *some = repeat("same\nother\n", 3000, "sum 9\n"), *more = repeat("same\n\n", 5000, "sum 9\n");
	char *wrong = repeat("same\nother\n", 4000, "sum 0\n");
	const char *const runs[] = {some, more, NULL};
	struct expected expected = learn(runs);
	ck_assert_uint_eq(difference(&expected, some), 0);
	ck_assert_uint_eq(difference(&expected, more), 0);
	ck_assert_uint_ne(difference(&expected, wrong), 0);
	expected_free(&expected);
	free(some);
	free(more);
	free(wrong);
}
END_TEST

/* COUNT lines that no other output has, and one that all have behind the first PLACE of them. */
static char *numbered(char letter, unsigned count, unsigned place)
{
	char *all = malloc(16 * (size_t)count + 16), *end = all;
	for (unsigned i = 0; i < count; i++)
		end += sprintf(end, "%s%c%u\n", i == place ? "sum 9\n" : "", letter, i);
	return all;
}

/* The table for these would take 36 MB, for outputs of some megabytes all the memory that there is. */
START_TEST(what_two_long_outputs_have_in_common_is_not_looked_for)
{
	char *some = numbered('a', 3000, 10), *more = numbered('b', 3001, 2000);
	const char *const runs[] = {some, more, NULL};
	struct expected expected = learn(runs);
	ck_assert_uint_eq(expected.count, 1);
	ck_assert_uint_eq(difference(&expected, some), 0);
	ck_assert_uint_ne(difference(&expected, "sum 0\n"), 0);
	expected_free(&expected);
	free(some);
	free(more);
}
END_TEST

START_TEST(a_file_is_read_whole_whatever_its_position)
{
	const char *const runs[] = {"a\nb\n", NULL};
	struct expected expected = learn(runs);
	uint64_t found = 77;
	int fd = memfd_create("output", MFD_CLOEXEC);
	ck_assert_int_eq(write(fd, "a\nb\n", 4), 4);
	ck_assert_int_eq(expected_compare_file(&expected, fd, &found), 0);
	ck_assert_uint_eq(found, 0);
	ck_assert_int_eq(write(fd, "c", 1), 1);
	ck_assert_int_eq(expected_compare_file(&expected, fd, &found), 0);
	ck_assert_uint_ne(found, 0);
	close(fd);
	ck_assert_int_lt(expected_compare_file(&expected, fd, &found), 0);
	expected_free(&expected);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("expected");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, lines_that_differ_by_themselves_do_not_count, 0,
			    sizeof cases / sizeof *cases);
	tcase_add_test(all, learning_says_whether_it_was_news);
	tcase_add_test(all, differences_are_compared_without_what_differs_anyway);
	tcase_add_test(all, long_outputs_are_compared_at_both_ends);
	tcase_add_test(all, what_two_long_outputs_have_in_common_is_not_looked_for);
	tcase_add_test(all, a_file_is_read_whole_whatever_its_position);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
