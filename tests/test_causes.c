// SPDX-License-Identifier: MIT
// tests: of thousands of causes the logs of the first are kept, whichever comes first.
#include "harness/explore/causes.h"

#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 10000 };

/* What its owner would do: the places whose logs it has. */
struct logs {
	bool kept[MANY];
};

static void add(struct causes *causes, struct logs *logs, uint64_t cause, size_t place)
{
	size_t loser;
	int kept = causes_add(causes, cause, place, &loser);
	ck_assert_int_ge(kept, 0);
	if (!kept)
		return;
	if (loser != SIZE_MAX) {
		ck_assert(logs->kept[loser]);
		logs->kept[loser] = false;
	}
	logs->kept[place] = true;
}

static size_t count(const struct logs *logs)
{
	size_t kept = 0;
	for (size_t i = 0; i < MANY; i++)
		kept += logs->kept[i];
	return kept;
}

/* 7919 is prime and no divisor of MANY: every place once, in no order. */
static size_t shuffled(size_t i)
{
	return (i * 7919 + 13) % MANY;
}

START_TEST(the_first_places_keep_their_logs_whatever_the_order)
{
	struct causes causes = {0};
	struct logs *logs = calloc(1, sizeof *logs);
	for (size_t i = 0; i < MANY; i++) {
		size_t place = _i == 0 ? i : _i == 1 ? MANY - 1 - i : shuffled(i);
		add(&causes, logs, place + 1, place);
		ck_assert_uint_le(count(logs), CAUSES_LOGS);
	}
	ck_assert_uint_eq(causes.count, MANY);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_int_eq(logs->kept[i], i < CAUSES_LOGS);
	causes_free(&causes);
	free(logs);
}
END_TEST

START_TEST(of_one_cause_the_first_place_has_the_log)
{
	struct causes causes = {0};
	struct logs *logs = calloc(1, sizeof *logs);
	add(&causes, logs, 7, 50);
	add(&causes, logs, 7, 60);
	ck_assert(logs->kept[50] && !logs->kept[60]);
	add(&causes, logs, 7, 40);
	ck_assert(logs->kept[40] && !logs->kept[50]);
	add(&causes, logs, 7, 40);
	ck_assert_uint_eq(count(logs), 1);
	ck_assert_uint_eq(causes.count, 1);
	causes_free(&causes);
	free(logs);
}
END_TEST

START_TEST(a_cause_that_is_taken_back_makes_room)
{
	struct causes causes = {0};
	struct logs *logs = calloc(1, sizeof *logs);
	for (size_t i = 0; i < CAUSES_LOGS; i++)
		add(&causes, logs, i + 1, i);
	add(&causes, logs, 1000, 1000);
	ck_assert(!logs->kept[1000]);
	causes_remove(&causes, 5, 77); /* not its place */
	ck_assert_uint_eq(causes.count, CAUSES_LOGS + 1);
	causes_remove(&causes, 5, 4);
	logs->kept[4] = false;
	add(&causes, logs, 2000, 2000);
	ck_assert(logs->kept[2000]);
	causes_remove(&causes, 12345, 1);
	ck_assert_uint_eq(causes.count, CAUSES_LOGS + 1);
	causes_free(&causes);
	causes_remove(&causes, 1, 1);
	free(logs);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("causes");
	TCase *all = tcase_create("all");
	tcase_add_loop_test(all, the_first_places_keep_their_logs_whatever_the_order, 0, 3);
	tcase_add_test(all, of_one_cause_the_first_place_has_the_log);
	tcase_add_test(all, a_cause_that_is_taken_back_makes_room);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
