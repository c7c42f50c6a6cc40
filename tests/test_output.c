// SPDX-License-Identifier: MIT
// tests: what a program printed is read whole, and taken apart into lines.
#include "harness/explore/output.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

START_TEST(lines_are_told_apart_by_all_their_bytes)
{
	static const char bytes[] = "a\na\n\0\n\nb\na";
	const struct output output = {(char *)bytes, sizeof bytes - 1};
	struct output_lines lines;
	ck_assert_int_eq(output_split(&output, &lines), 0);
	ck_assert_uint_eq(lines.count, 6);
	ck_assert(lines.list[0] == lines.list[1]);
	for (unsigned i = 1; i < lines.count; i++) {
		ck_assert(lines.list[i] > 1);
		for (unsigned k = i + 1; k < lines.count; k++)
			ck_assert(lines.list[i] != lines.list[k]);
	}
	free(lines.list);
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
	tcase_add_test(all, lines_are_told_apart_by_all_their_bytes);
	tcase_add_test(all, all_that_was_written_is_read);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
