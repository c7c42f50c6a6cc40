// SPDX-License-Identifier: MIT
// tests: a string split into words as a shell would.
#include "harness/words.h"
#include "suite.h"

#include <check.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *text, *words; /* joined by | */
	unsigned column; /* of the first word, or of the error */
	int code;
} cases[] = {
    {"", "", 0, 0},
    {"  \t\n ", "", 0, 0},
    {"--a", "--a", 1, 0},
    {"  --a=b   -c\n", "--a=b|-c", 3, 0},
    {"--a='b c' d", "--a=b c|d", 1, 0},
    {"--a=\"b 'c' \\\" \\\\ \\n\"", "--a=b 'c' \" \\ \\n", 1, 0},
    {"'a\\'b", "a\\b", 1, 0},
    {"a\\ b\\\\ \\'", "a b\\|'", 1, 0},
    {"''", "", 1, 0},
    {"a'' ''b", "a|b", 1, 0},
    {"$HOME *", "$HOME|*", 1, 0},
    {"--a 'b", "", 5, -EINVAL},
    {"--a=\"b\\\"", "", 5, -EINVAL},
    {"--a b\\", "", 6, -EINVAL},
    {"\xff\xfe \x01", "\xff\xfe|\x01", 1, 0},
};

START_TEST(words_are_split_as_a_shell_would)
{
	struct words words = {0};
	unsigned column = 0;
	char joined[256] = "";
	ck_assert_int_eq(words_split(cases[_i].text, &words, &column), cases[_i].code);
	for (size_t i = 0; i < words.count; i++) {
		strcat(joined, i ? "|" : "");
		strcat(joined, words.list[i].text);
	}
	ck_assert_str_eq(joined, cases[_i].words);
	ck_assert_uint_eq(words.count ? words.list[0].column : column, cases[_i].column);
	words_free(&words);
}
END_TEST

START_TEST(every_word_knows_its_column)
{
	struct words words = {0};
	unsigned column = 0;
	ck_assert_int_eq(words_split(" a 'b c'  d", &words, &column), 0);
	ck_assert_uint_eq(words.count, 3);
	ck_assert_uint_eq(words.list[0].column, 2);
	ck_assert_uint_eq(words.list[1].column, 4);
	ck_assert_uint_eq(words.list[2].column, 11);
	words_free(&words);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("words");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, words_are_split_as_a_shell_would, 0, sizeof cases / sizeof *cases);
	tcase_add_test(all, every_word_knows_its_column);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
