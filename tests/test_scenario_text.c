// SPDX-License-Identifier: MIT
// tests: the texts in scenario files: points, counts, exit statuses, bytes, and the places of things in a document.
#include "harness/scenario/document.h"
#include "harness/scenario/order_plan.h"
#include "harness/scenario/point.h"
#include "harness/scenario/value.h"
#include "harness/scenario/variables.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static int parse(const char *text, struct place_text *ret_point, struct text_error *error)
{
	return point_parse(text, strlen(text), ret_point, error);
}

START_TEST(a_point_is_printed_as_it_is_parsed)
{
	static const char *const texts[] = {"writer.shmget.1",     "w.shmctl.RMID.12", "a@1@2.shmctl.3",
					    "a-b.point.ready-1.2", "a_1.start",        "reader-2@1.exit",
					    "x.ftok.1000000000",   "x.shmat.7",        "x.shmdt.1"};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct place_text point;
		struct text_error error;
		char text[POINT_TEXT];
		ck_assert_msg(parse(texts[i], &point, &error) == 0, "%s: %s", texts[i], error.what);
		memcpy(point.place.role, point.role, sizeof point.role);
		point_print(&point.place, point.n, text, sizeof text);
		ck_assert_str_eq(text, texts[i]);
	}
}
END_TEST

START_TEST(a_number_that_is_left_out_is_1)
{
	struct place_text point;
	struct text_error error;
	ck_assert_int_eq(parse("a.shmctl.STAT", &point, &error), 0);
	ck_assert_uint_eq(point.n, 1);
	ck_assert_uint_eq(point.place.command, 2);
	ck_assert_int_eq(parse("a.shmctl", &point, &error), 0);
	ck_assert_uint_eq(point.place.command, 0);
}
END_TEST

START_TEST(a_bad_point_is_told_where_it_is_bad)
{
	static const struct {
		const char *text;
		size_t offset;
	} rows[] = {{"", 0},
		    {".shmget", 0},
		    {"a", 0},
		    {"a.", 0},
		    {"a.shmgt", 2},
		    {"a.shmget.x", 9},
		    {"a.shmget.0", 9},
		    {"a.shmget.1.2", 11},
		    {"a.start.1", 8},
		    {"a.exit.2", 7},
		    {"a.point", 8},
		    {"a.point.b c", 8},
		    {"a.shmctl.FOO.1", 9},
		    {"a b.shmget", 0},
		    {"a.shmget.-1", 9}};
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct place_text point;
		struct text_error error = {99, ""};
		ck_assert_msg(parse(rows[i].text, &point, &error) == -EINVAL, "'%s'", rows[i].text);
		ck_assert_msg(error.offset == rows[i].offset, "'%s': %zu", rows[i].text, error.offset);
		ck_assert(error.what[0]);
	}
}
END_TEST

START_TEST(a_place_counts_its_own_events_only)
{
	struct order_place any = {.event = CALL_SHMCTL}, removal = {.event = CALL_SHMCTL, .command = 1};
	struct order_place point = {.event = EVENT_POINT, .name = "x"};
	ck_assert(order_place_counts(&any, CALL_SHMCTL, 2, NULL));
	ck_assert(order_place_counts(&removal, CALL_SHMCTL, 0, NULL));
	ck_assert(order_place_counts(&removal, CALL_SHMCTL, 0x100 /* IPC_64 */, NULL));
	ck_assert(!order_place_counts(&removal, CALL_SHMCTL, 2, NULL));
	ck_assert(!order_place_counts(&any, CALL_SHMGET, 0, NULL));
	ck_assert(order_place_counts(&point, EVENT_POINT, 0, "x"));
	ck_assert(!order_place_counts(&point, EVENT_POINT, 0, "xy"));
}
END_TEST

START_TEST(counts_are_a_number_a_least_one_or_a_range)
{
	static const struct {
		const char *text;
		uint64_t least, most;
	} good[] = {{"0", 0, 0}, {"3", 3, 3}, {"2+", 2, UINT64_MAX}, {"1..4", 1, 4}, {"5..5", 5, 5}};
	static const char *const bad[] = {
	    "", "+", "-1", "1-2", "4..1", "1..", "..2", "1...2", "x", "2 ", "99999999999999999999"};
	struct count_range range;
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_int_eq(count_parse(good[i].text, &range), 0);
		ck_assert_uint_eq(range.least, good[i].least);
		ck_assert_uint_eq(range.most, good[i].most);
	}
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(count_parse(bad[i], &range) == -EINVAL, "'%s'", bad[i]);
}
END_TEST

START_TEST(exits_and_bytes)
{
	enum exit_kind kind;
	int status;
	unsigned char bytes[4] = {0};
	ck_assert_int_eq(exit_parse("255", &kind, &status), 0);
	ck_assert(kind == EXIT_STATUS && status == 255);
	ck_assert_int_eq(exit_parse("any", &kind, &status), 0);
	ck_assert_int_eq(exit_parse("256", &kind, &status), -EINVAL);
	ck_assert_int_eq(exit_parse("-1", &kind, &status), -EINVAL);
	ck_assert_int_eq(hex_parse("00 fF  7e", bytes, 4), 3);
	ck_assert(bytes[1] == 0xff && bytes[2] == 0x7e && bytes[3] == 0);
	ck_assert_int_eq(hex_parse("010203", bytes, 2), 3);
	ck_assert_int_eq(hex_parse("0", bytes, 4), -EINVAL);
	ck_assert_int_eq(hex_parse("0g", bytes, 4), -EINVAL);
	ck_assert_int_eq(hex_parse("", bytes, 4), -EINVAL);
}
END_TEST

static void read_document(const char *text, struct document *document)
{
	struct complaint complaint = {""};
	ck_assert_int_eq(document_read("f", text, strlen(text), document, &complaint), 0);
}

START_TEST(things_are_found_by_their_path_and_complained_about_at_their_place)
{
	struct document document;
	struct complaint complaint = {""};
	read_document("a:\n  - {b: x, c: \"yz\"}\n  - {b: w}\n", &document);
	ck_assert_ptr_nonnull(document_find(&document, "a[1].b"));
	ck_assert_ptr_null(document_find(&document, "a[2]"));
	ck_assert_ptr_null(document_find(&document, "a[0].d"));
	document_complain_at(&document, "a[0].c", 1, &complaint, "%s", "bad");
	ck_assert_str_eq(complaint.text, "f:2:17: bad");
	complaint.text[0] = '\0';
	document_complain_at(&document, "a[1].zz", 5, &complaint,
			     "bad"); /* at the nearest thing that is there */
	ck_assert_str_eq(complaint.text, "f:3:5: bad");
	document_complain_at(&document, "a", 0, &complaint, "later");
	ck_assert_str_eq(complaint.text, "f:3:5: bad"); /* the first stays */
	document_free(&document);
}
END_TEST

START_TEST(aliases_that_multiply_are_walked_once)
{
	struct document document;
	struct complaint complaint = {""};
	struct variables variables = {.names = {"work"}, .values = {"w"}, .count = 1};
	char text[4096] = "a0: &a0 ['$${work}', '${work}']\n";
	for (int i = 1; i < 30; i++)
		sprintf(text + strlen(text), "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
			i - 1, i - 1);
	read_document(text, &document);
	ck_assert_int_eq(variables_replace(&document, &variables, &complaint), 0);
	ck_assert_str_eq((char *)document_find(&document, "a0[0]")->data.scalar.value, "${work}");
	ck_assert_str_eq((char *)document_find(&document, "a0[1]")->data.scalar.value, "w");
	document_free(&document);
}
END_TEST

START_TEST(a_matrix_is_counted_and_its_last_name_changes_fastest)
{
	struct document document;
	struct complaint complaint = {""};
	struct matrix matrix;
	read_document("matrix: {a: [1, 2], b: [x, y, z]}\n", &document);
	ck_assert_int_eq(matrix_read(&document, &matrix, &complaint), 0);
	ck_assert_uint_eq(matrix.combinations, 6);
	for (size_t i = 0; i < 6; i++) {
		struct variables variables = {.count = 0};
		matrix_choose(&matrix, &document, i, &variables);
		ck_assert_int_eq(variables.values[0][0], i < 3 ? '1' : '2');
		ck_assert_int_eq(variables.values[1][0], "xyz"[i % 3]);
	}
	document_free(&document);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("scenario_text");
	TCase *texts = tcase_create("texts");
	tcase_add_test(texts, a_point_is_printed_as_it_is_parsed);
	tcase_add_test(texts, a_number_that_is_left_out_is_1);
	tcase_add_test(texts, a_bad_point_is_told_where_it_is_bad);
	tcase_add_test(texts, a_place_counts_its_own_events_only);
	tcase_add_test(texts, counts_are_a_number_a_least_one_or_a_range);
	tcase_add_test(texts, exits_and_bytes);
	tcase_add_test(texts, things_are_found_by_their_path_and_complained_about_at_their_place);
	tcase_add_test(texts, aliases_that_multiply_are_walked_once);
	tcase_add_test(texts, a_matrix_is_counted_and_its_last_name_changes_fastest);
	suite_add_tcase(suite, texts);
	return suite_run(suite);
}
