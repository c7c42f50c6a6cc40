// SPDX-License-Identifier: MIT
// tests: durations as people write them.
#include "harness/duration.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

static const struct {
	const char *text;
	int64_t ms; /* -1: refused */
} cases[] = {{"5", 5000},     {"5s", 5000}, {"200ms", 200}, {"1.5s", 1500}, {"2m", 120000},
	     {"1h", 3600000}, {"0", 0},     {".5s", 500},   {"0.2ms", 1},   {"", -1},
	     {"s", -1},       {"5x", -1},   {"-1s", -1},    {"5 s", -1},    {"1e3s", -1},
	     {"1..2s", -1},   {"nan", -1},  {"inf", -1},    {"0x10", -1},   {"99999999999999h", -1},
	     {"5sec", -1}};

START_TEST(durations_are_read_as_people_write_them)
{
	int64_t ms = -7;
	int code = duration_parse(cases[_i].text, &ms);
	ck_assert_int_eq(code, cases[_i].ms < 0 ? -EINVAL : 0);
	ck_assert_int_eq(ms, cases[_i].ms < 0 ? -7 : cases[_i].ms);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("duration");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, durations_are_read_as_people_write_them, 0, sizeof cases / sizeof *cases);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
