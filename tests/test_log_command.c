// SPDX-License-Identifier: MIT
// The command line that a log of the library tells, from what the kernel has of it.
#include "harness/log/log_command.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct command_case {
	const char *executed;
	const char *words;
	size_t length;
	const char *expected; /* joined by '|' */
};

#define WORDS(text) text, sizeof text

static const struct command_case cases[] = {
    {"./prog", WORDS("./prog\0-v\0a b"), "./prog|-v|a b"},
    {"/usr/bin/prog", WORDS("prog\0-v"), "prog|-v"},
    {"./prog", WORDS("./prog\0\0x\0"), "./prog||x|"},
    {"./script", WORDS("/bin/sh\0./script\0x"), "./script|x"},
    {"./script", WORDS("/usr/bin/env\0perl -w\0./script\0x"), "./script|x"},
    {"/bin/cat", WORDS("cat\0/bin/cat"), "cat|/bin/cat"},
    {"/bin/bash", WORDS("-bash\0-l"), "/bin/bash|-l"},
    {"/bin/bash", WORDS(""), "/bin/bash"},
    {NULL, WORDS("prog\0x"), "prog|x"},
    {"./prog", NULL, 0, "./prog"},
    {NULL, NULL, 0, "?"},
};

START_TEST(a_command_line_is_as_a_shell_would_have_it)
{
	const struct command_case *row = &cases[_i];
	char **argv = log_command(row->executed, row->words, row->length);
	char joined[256] = "";
	ck_assert_ptr_nonnull(argv);
	for (size_t i = 0; argv[i]; i++) {
		strcat(joined, i ? "|" : "");
		strcat(joined, argv[i]);
		free(argv[i]);
	}
	free(argv);
	ck_assert_str_eq(joined, row->expected);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log_command");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, a_command_line_is_as_a_shell_would_have_it, 0, sizeof cases / sizeof *cases);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
