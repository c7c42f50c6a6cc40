// SPDX-License-Identifier: MIT
// tests: places are learnt once each, and named with their callers where the name alone is several of them.
#include "harness/explore/places.h"

#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { MANY = 3000, AT_ONCE = 250 };

static struct place make(size_t i)
{
	struct place place = {.stack = i * 64 + 1};
	snprintf(place.name, sizeof place.name, "f%zu (f.c:1)", i / 2);
	snprintf(place.callers, sizeof place.callers, "caller%zu", i);
	return place;
}

/* Both of each pair have one name, but for the last, which is alone. */
START_TEST(thousands_of_places_keep_their_names)
{
	struct places *places = places_new();
	struct place list[AT_ONCE];
	char wanted[64];
	for (size_t i = 0; i < MANY; i += AT_ONCE) {
		struct trial trial = {.places = list, .place_count = AT_ONCE};
		for (size_t k = 0; k < AT_ONCE; k++)
			list[k] = make(i + k < MANY - 1 ? i + k : MANY);
		ck_assert_int_eq(places_learn(places, &trial), 0);
		ck_assert_int_eq(places_learn(places, &trial), 0);
		snprintf(wanted, sizeof wanted, "f%zu (f.c:1) < caller%zu", i / 2, i);
		ck_assert_str_eq(places_name(places, i * 64 + 1), wanted);
	}
	for (size_t i = 0; i < MANY - 1; i++) {
		snprintf(wanted, sizeof wanted, "f%zu (f.c:1) < caller%zu", i / 2, i);
		if (i == MANY - 2)
			snprintf(wanted, sizeof wanted, "f%zu (f.c:1)", i / 2);
		ck_assert_str_eq(places_name(places, i * 64 + 1), wanted);
	}
	ck_assert_str_eq(places_name(places, 2), "0000000000000002");
	ck_assert_ptr_null(places_find(places, 2));
	places_free(places);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("places");
	TCase *all = tcase_create("all");
	tcase_add_test(all, thousands_of_places_keep_their_names);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
