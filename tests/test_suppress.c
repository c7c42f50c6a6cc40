// SPDX-License-Identifier: MIT
// tests: suppressions: what a line says, what it matches, and what is said of a bad one.
#include "harness/analyze/suppress.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *const ids[] = {"segment-leak", "bad-detach", "point-crash", NULL};
static const struct frame frames[] = {
    {.function = "shm_init", .file = "/src/app/shm.c", .object = "/opt/app"},
    {.function = "main", .object = "/opt/app"}};
static struct suppressions list;
static struct suppress_subject subject;
static char *complaint;

static void setup(void)
{
	list = (struct suppressions){.ids = ids, .today = suppress_day("2026-11-25")};
	subject = (struct suppress_subject){.id = "segment-leak",
					    .has_key = true,
					    .key = 0x52e2c1,
					    .comms = {NULL, "postgres"},
					    .frames = {frames},
					    .frame_counts = {2}};
	complaint = NULL;
}

static void teardown(void)
{
	suppressions_free(&list);
	free(complaint);
}

static int parse(const char *text)
{
	size_t size;
	FILE *stream = open_memstream(&complaint, &size);
	int code = suppressions_parse(&list, "FILE", text, stream);
	fclose(stream);
	return code;
}

/* Whether the one line TEXT matches the subject. */
static bool is_matched(const char *text)
{
	const char *const *kept = list.ids;
	int64_t today = list.today;
	suppressions_free(&list);
	list.ids = kept;
	list.today = today;
	free(complaint);
	ck_assert_msg(parse(text) == 0, "%s", complaint);
	return suppressions_match(&list, &subject) != NULL;
}

static void assert_rejected(const char *text, const char *place, const char *near)
{
	ck_assert_msg(parse(text) != 0, "taken: %s", text);
	ck_assert_msg(strstr(complaint, place) != NULL, "no '%s' in: %s", place, complaint);
	if (near)
		ck_assert_msg(strstr(complaint, near) != NULL, "no '%s' in: %s", near, complaint);
	free(complaint);
	complaint = NULL;
}

START_TEST(each_word_matches_what_it_names_and_nothing_else)
{
	ck_assert(is_matched("segment-leak:key=0x52e2c1 comm=postgres fun=shm_init # reason"));
	ck_assert(is_matched("segment-leak"));
	ck_assert(is_matched("segment-leak:"));
	ck_assert(is_matched("segment-leak: key=5432001"));
	ck_assert(!is_matched("segment-leak:key=0x52e2c2"));
	ck_assert(!is_matched("bad-detach:key=0x52e2c1"));
	ck_assert(!is_matched("segment-leak:key=0x52e2c1 comm=mysqld"));
	ck_assert(is_matched("segment-leak:fun=main"));
	ck_assert(!is_matched("segment-leak:fun=mai"));
	ck_assert(is_matched("segment-leak:obj=app fun=shm_init"));
	ck_assert(is_matched("segment-leak:obj=/opt/app"));
	ck_assert(!is_matched("segment-leak:obj=opt"));
	ck_assert(is_matched("segment-leak:file=shm.c"));
	ck_assert(!is_matched("segment-leak:file=main.c"));
}
END_TEST

START_TEST(all_words_of_a_line_must_match)
{
	ck_assert(is_matched("segment-leak:fun=shm_init fun=main"));
	ck_assert(!is_matched("segment-leak:fun=shm_init fun=other"));
	ck_assert(!is_matched("segment-leak:fun=other fun=shm_init"));
}
END_TEST

START_TEST(globs_match)
{
	ck_assert(is_matched("segment-*:fun=shm_*"));
	ck_assert(is_matched("*:comm=post*"));
	ck_assert(is_matched("segment-leak:key=0x0052*"));
	ck_assert(!is_matched("segment-leak:key=0x0053*"));
	ck_assert(is_matched("segment-leak:file=/src/*"));
	ck_assert(!is_matched("segment-leak:fun=[a-r]*_init"));
}
END_TEST

START_TEST(a_private_key_has_a_name)
{
	ck_assert(!is_matched("segment-leak:key=IPC_PRIVATE"));
	subject.key = 0;
	ck_assert(is_matched("segment-leak:key=IPC_PRIVATE"));
	subject.has_key = false;
	ck_assert(!is_matched("segment-leak:key=IPC_PRIVATE"));
}
END_TEST

START_TEST(a_key_with_its_high_bit_set_can_be_written_both_ways)
{
	subject.key = (int32_t)0x80000001;
	ck_assert(is_matched("segment-leak:key=0x80000001"));
	ck_assert(is_matched("segment-leak:key=-2147483647"));
}
END_TEST

START_TEST(an_expired_line_matches_nothing_but_is_counted)
{
	ck_assert(is_matched("segment-leak: expires=2026-11-25"));
	ck_assert(!is_matched("segment-leak: expires=2026-11-24"));
	ck_assert_uint_eq(list.list[0].used, 1);
	ck_assert(list.list[0].is_expired);
}
END_TEST

START_TEST(an_expired_line_does_not_hide_the_next_one)
{
	ck_assert(is_matched("segment-leak: expires=2020-01-01\nsegment-leak:fun=main"));
	ck_assert_uint_eq(list.list[1].used, 1);
}
END_TEST

START_TEST(reasons_places_and_comments_are_kept)
{
	ck_assert(is_matched("# heading\n\n  segment-leak:fun=\"shm_init\"   # by design: #7  \r\n"));
	ck_assert_uint_eq(list.count, 1);
	ck_assert_uint_eq(list.list[0].line, 3);
	ck_assert_str_eq(list.list[0].reason, "by design: #7");
	ck_assert_str_eq(list.list[0].text, "segment-leak:fun=\"shm_init\"");
}
END_TEST

START_TEST(a_bad_line_is_an_error_with_its_place_and_the_nearest_word)
{
	assert_rejected("segment-leek:fun=x", "line 1, column 1", "did you mean 'segment-leak'?");
	assert_rejected("\nsegment-leak:kye=1", "line 2, column 14", "did you mean 'key'?");
	assert_rejected("segment-leak:key", "line 1, column 14", "a value is missing");
	assert_rejected("segment-leak:key=", "line 1, column 18", "the value is missing");
	assert_rejected("segment-leak:key=0x12x", "line 1, column 18", "not a key");
	assert_rejected("segment-leak:key=0x123456789", "line 1, column 18", "not a key");
	assert_rejected("segment-leak:key=1 key=2", "line 1, column 20", "given twice");
	assert_rejected("segment-leak:fun=\"x", "line 1, column 18", "never closed");
	assert_rejected("segment-leak:fun=\"x\"y", "line 1, column 21", "a blank");
	assert_rejected("segment-leak fun=x", "line 1, column 14", "a colon");
	assert_rejected("segment-leak:expires=2027-02-29", "line 1, column 22", "not a day");
	assert_rejected("segment-leak:expires=\"soon\"", "line 1, column 22", "not a day: '\"soon\"'");
	assert_rejected("segment-leak:expires=soon", "line 1, column 22", "2027-01-31");
	assert_rejected("nothing-*:fun=x", "line 1, column 1", "no finding");
	assert_rejected(":fun=x", "line 1, column 1", "no finding");
}
END_TEST

START_TEST(control_characters_of_a_bad_line_are_not_printed)
{
	assert_rejected("segment-leak:\033[31mx=1", "line 1, column 14", "?[31mx");
}
END_TEST

START_TEST(a_generated_line_matches_what_it_was_made_for)
{
	static const struct frame hostile[] = {{.function = "operator*[] \"x\" # y\\z", .object = "/a b"}};
	char *line = suppress_line(&subject);
	ck_assert_str_eq(line, "segment-leak:key=0x0052e2c1 comm=postgres fun=shm_init");
	ck_assert(is_matched(line));
	free(line);
	subject.frames[0] = hostile;
	subject.frame_counts[0] = 1;
	subject.comms[0] = "a\n\033\"b";
	line = suppress_line(&subject);
	ck_assert_msg(is_matched(line), "%s", line);
	subject.comms[0] = "other";
	subject.comms[1] = NULL;
	ck_assert(!is_matched(line));
	free(line);
}
END_TEST

START_TEST(days_are_those_of_the_calendar)
{
	ck_assert_int_eq(suppress_day("1970-01-01"), 0);
	ck_assert_int_eq(suppress_day("2000-02-29"), 11016);
	ck_assert_int_eq(suppress_day("2026-11-25"), 20782);
	ck_assert_int_eq(suppress_day("2100-02-29"), -1);
	ck_assert_int_eq(suppress_day("2026-13-01"), -1);
	ck_assert_int_eq(suppress_day("2026-1-01"), -1);
	ck_assert_int_eq(suppress_day("2026-11-25x"), -1);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    each_word_matches_what_it_names_and_nothing_else,
	    all_words_of_a_line_must_match,
	    globs_match,
	    a_private_key_has_a_name,
	    a_key_with_its_high_bit_set_can_be_written_both_ways,
	    an_expired_line_matches_nothing_but_is_counted,
	    an_expired_line_does_not_hide_the_next_one,
	    reasons_places_and_comments_are_kept,
	    a_bad_line_is_an_error_with_its_place_and_the_nearest_word,
	    control_characters_of_a_bad_line_are_not_printed,
	    a_generated_line_matches_what_it_was_made_for,
	    days_are_those_of_the_calendar,
	};
	Suite *suite = suite_create("suppress");
	TCase *tcase = tcase_create("suppress");
	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
