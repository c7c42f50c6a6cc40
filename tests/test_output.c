// SPDX-License-Identifier: MIT
// tests: outputs are compared without the lines that differ by themselves.
#include "harness/explore/output.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct output text(const char *words)
{
	return (struct output){strdup(words), strlen(words)};
}

static const struct {
	const char *first, *second, *third;
	bool is_equal; /* third to first, where first and second agree */
} cases[] = {{"a\nb\n", "a\nb\n", "a\nb\n", true},
	     {"a\nb\n", "a\nb\n", "a\nc\n", false},
	     {"pid 1\nb\n", "pid 2\nb\n", "pid 3\nb\n", true},
	     {"pid 1\nb\n", "pid 2\nb\n", "pid 3\nc\n", false},
	     {"a\n", "a\n", "a", false},
	     {"a\n", "a\n", "", false},
	     {"a\n", "a\n", "a\na\n", false},
	     {"a\n", "a\nb\n", "a\nc\nd\n", true},
	     {"", "", "", true},
	     {"", "", "x", false}};

START_TEST(lines_that_differ_by_themselves_do_not_count)
{
	struct output first = text(cases[_i].first), second = text(cases[_i].second),
		      third = text(cases[_i].third);
	struct output_mask mask;
	ck_assert_int_eq(output_mask_make(&first, &second, &mask), 0);
	ck_assert(output_hash(&first, &mask) == output_hash(&second, &mask));
	ck_assert_int_eq(output_hash(&first, &mask) == output_hash(&third, &mask), cases[_i].is_equal);
	output_mask_free(&mask);
	output_free(&first);
	output_free(&second);
	output_free(&third);
}
END_TEST

START_TEST(all_that_was_written_is_read)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct output output;
	ck_assert_int_eq(write(fd, "line\n\0end", 9), 9);
	ck_assert_int_eq(output_read(fd, &output), 0);
	ck_assert_uint_eq(output.length, 9);
	ck_assert(memcmp(output.bytes, "line\n\0end", 9) == 0);
	output_free(&output);
	close(fd);
	ck_assert_int_lt(output_read(fd, &output), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("output");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, lines_that_differ_by_themselves_do_not_count, 0,
			    sizeof cases / sizeof *cases);
	tcase_add_test(all, all_that_was_written_is_read);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
