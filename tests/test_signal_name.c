// SPDX-License-Identifier: MIT
// Every signal has a name, and each of its spellings means it.
#include "protocol/signal_name.h"
#include "suite.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int by_name(const char *name)
{
	return signal_by_name(name, (unsigned)strlen(name));
}

START_TEST(a_signal_is_found_by_its_own_name)
{
	const char *name = signal_name(_i);
	char number[12];
	if (_i == 32 || _i == 33) {
		ck_assert_ptr_null(name);
		return;
	}
	ck_assert_ptr_nonnull(name);
	ck_assert_int_eq(by_name(name), _i);
	ck_assert_int_eq(by_name(name + 3), _i);
	snprintf(number, sizeof number, "%d", _i);
	ck_assert_int_eq(by_name(number), _i);
}
END_TEST

START_TEST(real_time_signals_are_counted_from_both_ends)
{
	ck_assert_int_eq(by_name("SIGRTMIN"), SIGRTMIN);
	ck_assert_int_eq(by_name("SIGRTMIN+3"), SIGRTMIN + 3);
	ck_assert_int_eq(by_name("RTMIN+30"), SIGRTMAX);
	ck_assert_int_eq(by_name("SIGRTMAX"), SIGRTMAX);
	ck_assert_int_eq(by_name("SIGRTMAX-2"), SIGRTMAX - 2);
	ck_assert_int_eq(by_name("SIGRTMIN+31"), -1);
	ck_assert_int_eq(by_name("SIGRTMAX-31"), -1);
	ck_assert_int_eq(by_name("SIGRTMAX-"), -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("signal_name");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, a_signal_is_found_by_its_own_name, 1, SIGNAL_LAST + 1);
	tcase_add_test(all, real_time_signals_are_counted_from_both_ends);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
