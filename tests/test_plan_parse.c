// SPDX-License-Identifier: MIT
// tests: the grammar of rules: what is read, what is refused, where and with which advice.
#include "protocol/plan.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct plan *plan;

static void setup(void)
{
	plan = aligned_alloc(64, (plan_size(64) + 63) & ~63ul);
	ck_assert_ptr_nonnull(plan);
	ck_assert_int_eq(plan_init(plan, plan_size(64), 1), 0);
}

static void teardown(void)
{
	free(plan);
}

/* As written, and as it is printed back. */
static const struct {
	const char *text, *canonical;
} good[] = {
    {"shmat:error=ENOMEM", NULL},
    {"shmctl.RMID:error=EPERM:when=2", NULL},
    {"shmctl.IPC_RMID:error=EPERM", "shmctl.RMID:error=EPERM"},
    {"shmctl.STAT,shmctl.RMID:error=EPERM", "shmctl.RMID,shmctl.STAT:error=EPERM"},
    {"shmctl,shmget:error=EPERM", "shmget,shmctl:error=EPERM"},
    {"all:error=EACCES", NULL},
    {"ftok,shmget,shmat,shmdt,shmctl:error=EACCES", "all:error=EACCES"},
    {"main@*/shmat:error=EAGAIN:when=1+", "main@*/shmat:error=EAGAIN"},
    {"reader/shmat:error=EWOULDBLOCK", "reader/shmat:error=EAGAIN"},
    {"shmget:retval=0", NULL},
    {"shmget:retval=-1:effect=after", NULL},
    {"ftok:retval=0xdeadbeef", "ftok:retval=3735928559"},
    {"shmat:retval=0x7fff00001000", "shmat:retval=140733193392128"},
    {"shmat:error=ENOMEM:effect=skip", "shmat:error=ENOMEM"},
    {"shmat:error=ENOMEM:effect=after", NULL},
    {"shmget:error=ENOSPC:when=3", NULL},
    {"shmget:error=ENOSPC:when=3..3", "shmget:error=ENOSPC:when=3"},
    {"shmget:error=ENOSPC:when=3+", NULL},
    {"shmget:error=ENOSPC:when=3..7", NULL},
    {"shmget:error=ENOSPC:when=3+2", NULL},
    {"shmget:error=ENOSPC:when=3..9+2", NULL},
    {"shmget:error=ENOSPC:when=3..9+1", "shmget:error=ENOSPC:when=3..9"},
    {"shmget:error=ENOSPC:when=18446744073709551614", NULL},
    {"shmdt:signal=TERM", "shmdt:signal=SIGTERM"},
    {"shmdt:signal=9@enter", "shmdt:signal=SIGKILL@enter"},
    {"shmdt:signal=SIGRTMIN+3", NULL},
    {"shmdt:signal=64", "shmdt:signal=SIGRTMIN+30"},
    {"shmat:delay_enter=1500us:delay_exit=2000ms", "shmat:delay_enter=1500us:delay_exit=2s"},
    {"shmat:delay_exit=1ns", NULL},
    {"shmat:error=ENOMEM:p=0.050", "shmat:error=ENOMEM:p=0.05"},
    {"shmat:error=ENOMEM:p=1", "shmat:error=ENOMEM"},
    {"shmat:error=ENOMEM:p=0.5:expect=hit", NULL},
    {"shmat:error=ENOMEM:p=0.000000001:expect=any", "shmat:error=ENOMEM:p=0.000000001"},
    {"shmat:error=ENOMEM:expect=any", NULL},
    {"shmat:error=ENOMEM:expect=hit", "shmat:error=ENOMEM"},
    {"shmat:error=ENOMEM:scope=process", NULL},
    {"shmat:error=ENOMEM:scope=thread:in=libfoo.so*:name=a-1", NULL},
    {"shmget:error=EINVAL:if=size >= 4096 && flags & IPC_CREAT",
     "shmget:error=EINVAL:if=size>=4096&&flags&IPC_CREAT"},
    {"shmget:error=EINVAL:if=((key==0xff))|!(size%010)", "shmget:error=EINVAL:if=key==0xff|!(size%010)"},
    {"all:error=EINVAL:if=id==3", NULL},
    {"shmget:error=EPERM:if=00||0x0", "shmget:error=EPERM:if=0||0x0"},
    {"shmat:world=removed", NULL},
    {"ftok:world=collide", NULL},
    {"shmat:world=relocate", NULL},
    {"shmget:world=full:when=2", NULL},
    {"shmget:world=small", NULL},
    {"shmget:world=stale,4096", NULL},
    {"shmget,shmat,shmctl.STAT:world=denied", NULL},
    {"shmctl:world=denied", NULL},
};

START_TEST(a_good_rule_is_read_and_printed_in_canonical_form)
{
	const char *text = good[_i].text, *canonical = good[_i].canonical ? good[_i].canonical : text;
	struct plan_error error = {0};
	char buffer[PLAN_TEXT];

	ck_assert_msg(plan_parse(plan, text, strlen(text), &error) == 0, "%s: %s at %u", text, error.what,
		      error.column);
	ck_assert_uint_eq(plan->rule_count, 1);
	ck_assert_int_eq(plan_print(&plan->rules[0], buffer, sizeof(buffer)), (int)strlen(canonical));
	ck_assert_str_eq(buffer, canonical);
}
END_TEST

#define CALLS_EXPECTED "ftok, shmget, shmat, shmdt, shmctl, shmctl.RMID and the like, or all"
#define KEYS_EXPECTED                                                                                        \
	"error, retval, effect, world, signal, delay_enter, delay_exit, when, p, scope, if, in, name or "    \
	"expect"
#define EFFECTS_EXPECTED "error, retval, world, signal, delay_enter or delay_exit"
#define WHEN_EXPECTED    "F, F+, F..L, F+S or F..L+S, counted from 1"
#define P_EXPECTED       "more than 0 and at most 1, with up to 9 digits after the point: 0.05"
#define ARGUMENTS_EXPECTED                                                                                   \
	"ftok: id; shmget: key, size, flags, create; shmat: id, addr, flags; shmdt: addr; shmctl: id, cmd"
/* Long ones. */
#define A32    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A128   A32 A32 A32 A32
#define OPEN25 "((((((((((((((((((((((((("
#define NOT32  "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"

/* The text, the offending word and its column, the nearest name; and what is said, word for word. */
static const struct {
	const char *text;
	unsigned column;
	const char *word, *nearest, *what, *expected;
} bad[] = {
    {"shmatt:error=ENOMEM", 1, "shmatt", "shmat", "unknown call", CALLS_EXPECTED},
    {"shmat:error=ENOMEN", 13, "ENOMEN", "ENOMEM", "unknown errno", "a name such as ENOMEM"},
    {"shmat:eror=ENOMEM", 7, "eror", "error", "unknown key", KEYS_EXPECTED},
    {"shmat:error=", 13, "", NULL, "a value is missing here", "the call fails with this errno: error=ENOMEM"},
    {"shmat:error", 12, "", NULL, "a value is missing here", "the call fails with this errno: error=ENOMEM"},
    {"shmat:", 7, "", NULL, "a key is missing here", KEYS_EXPECTED},
    {"shmat", 1, "shmat", NULL, "this rule has no effect", EFFECTS_EXPECTED},
    {":error=EPERM", 1, "", NULL, "a call is missing here", CALLS_EXPECTED},
    {"shmat,:error=EPERM", 7, "", NULL, "a call is missing here", CALLS_EXPECTED},
    {"shmat::error=EPERM", 7, "", NULL, "a key is missing here", KEYS_EXPECTED},
    {"/shmat:error=EPERM", 1, "", NULL, "a role is missing before the '/'", "a name such as main or main@*"},
    {"a b/shmat:error=EPERM", 2, " ", NULL, "not allowed in a role", "a name such as main, main@2 or main@*"},
    {"shmctl.RMD:error=EPERM", 8, "RMD", "RMID", "unknown command of shmctl",
     "RMID, STAT, SET, LOCK, UNLOCK and the like"},
    {"shmat.RMID:error=EPERM", 7, "RMID", NULL, "only shmctl has commands", NULL},
    {"shmat,shmat:error=EPERM", 7, "shmat", NULL, "this call was named before", NULL},
    {"shmctl,shmctl.RMID:error=EPERM", 8, "shmctl.RMID", NULL, "this call was named before", NULL},
    {"shmctl.RMID,shmctl:error=EPERM", 13, "shmctl", NULL, "this call was named before", NULL},
    {"all,shmat:error=EPERM", 5, "shmat", NULL, "this call was named before", NULL},
    {"shmat,all:error=EPERM", 7, "all", NULL, "all beside other calls", "all alone, or the calls"},
    {"shmat:error=EPERM:error=EPERM", 19, "error=EPERM", NULL, "this key was given before", NULL},
    {"shmat:error=EPERM:retval=0", 19, "retval=0", NULL, "error and retval contradict each other",
     "one of them"},
    {"shmat:world=removed:error=EINVAL", 7, "world=removed", NULL,
     "world and a forged result contradict each other", "world, or error, or retval"},
    {"shmat:world=removed:effect=after", 21, "effect=after", NULL,
     "a world has the real call made: effect says nothing there", NULL},
    {"shmat:effect=skip", 7, "effect=skip", NULL, "effect without a result", "error or retval beside it"},
    {"shmat:signal=TERM:effect=after", 19, "effect=after", NULL, "effect without a result",
     "error or retval beside it"},
    {"shmat:error=EPERM:effect=skp", 26, "skp", "skip", "unknown value", "skip or after"},
    {"shmat:when=1", 1, "shmat", NULL, "this rule has no effect", EFFECTS_EXPECTED},
    {"shmget:retval=4294967296", 8, "retval=4294967296", NULL,
     "this does not fit in the int that the call returns", "at most 32 bits"},
    {"shmget,shmat:retval=4294967296", 14, "retval=4294967296", NULL,
     "this does not fit in the int that the call returns", "at most 32 bits"},
    {"shmat:retval=1x", 14, "1x", NULL, "this is no number", "an integer: decimal, 0x… or 0…"},
    {"shmat:retval=-", 14, "-", NULL, "this is no number", "an integer: decimal, 0x… or 0…"},
    {"shmat:error=EPERM:when=0", 24, "0", NULL, "0 is no call", WHEN_EXPECTED},
    {"shmat:error=EPERM:when=", 24, "", NULL, "a value is missing here",
     "which matching calls: 3, 3+, 3..5, 3+2, 3..9+2"},
    {"shmat:error=EPERM:when=5..4", 24, "5..4", NULL, "the last comes before the first", WHEN_EXPECTED},
    {"shmat:error=EPERM:when=5..", 27, "", NULL, "a number is missing here", WHEN_EXPECTED},
    {"shmat:error=EPERM:when=5..6+", 29, "", NULL, "a number is missing here", WHEN_EXPECTED},
    {"shmat:error=EPERM:when=5+0", 26, "0", NULL, "0 is no call", WHEN_EXPECTED},
    {"shmat:error=EPERM:when=18446744073709551616", 24, "18446744073709551616", NULL,
     "this number does not fit in 64 bits", WHEN_EXPECTED},
    {"shmat:error=EPERM:when=3-5", 24, "3-5", NULL, "this is no number", WHEN_EXPECTED},
    {"shmat:error=EPERM:p=0", 21, "0", NULL, "this is no probability", P_EXPECTED},
    {"shmat:error=EPERM:p=1.1", 21, "1.1", NULL, "this is no probability", P_EXPECTED},
    {"shmat:error=EPERM:p=.5", 21, ".5", NULL, "this is no probability", P_EXPECTED},
    {"shmat:error=EPERM:p=0.1234567891", 21, "0.1234567891", NULL, "this is no probability", P_EXPECTED},
    {"shmat:error=EPERM:scope=proces", 25, "proces", "process", "unknown value", "tree, process or thread"},
    {"shmat:delay_enter=5", 20, "", NULL, "unknown unit of time", "ns, us, ms or s"},
    {"shmat:delay_enter=5min", 20, "min", NULL, "unknown unit of time", "ns, us, ms or s"},
    {"shmat:delay_enter=0s", 19, "0s", NULL, "a delay of nothing has no effect", "more than 0"},
    {"shmat:delay_enter=9223372037s", 19, "9223372037s", NULL, "this duration is too long",
     "at most 292 years"},
    {"shmat:signal=SIGTREM", 14, "SIGTREM", "SIGTERM", "unknown signal",
     "a name such as SIGTERM, or a number"},
    {"shmat:signal=33", 14, "33", NULL, "unknown signal", "a name such as SIGTERM, or a number"},
    {"shmat:signal=TERM@exit", 19, "exit", "enter", "unknown moment", "enter"},
    {"shmat:error=EPERM:name=a b", 25, " ", NULL, "not allowed in a name",
     "letters, digits, '_', '.' and '-'"},
    {"shmat:world=remved", 13, "remved", "removed", "unknown world",
     "removed, stale[,SIZE], full, small, denied, collide or relocate"},
    {"shmctl.RMID,shmctl.SET:world=denied", 24, "world=denied", NULL,
     "these commands are not denied to the owner, whatever the mode", "shmctl.STAT"},
    {"shmat:world=full", 7, "world=full", NULL, "this world changes nothing for one of these calls",
     "shmget"},
    {"shmget:world=collide", 8, "world=collide", NULL, "this world changes nothing for one of these calls",
     "ftok"},
    {"shmdt:world=removed", 7, "world=removed", NULL, "this world changes nothing for one of these calls",
     "shmget, shmat or shmctl"},
    {"shmat:world=removed,4", 21, "4", NULL, "only stale takes a size", NULL},
    {"shmget:world=stale,", 20, "", NULL, "this is no size", "bytes, at least 1"},
    {"shmget:world=stale,0", 20, "0", NULL, "this is no size", "bytes, at least 1"},
    {"shmget:error=EPERM:if=sise>1", 23, "sise", "size", "unknown name in the condition",
     "key, size, flags, id, addr, cmd, create, a number, or a constant such as IPC_CREAT"},
    {"shmget:error=EPERM:if=(size>1", 23, "(", NULL, "this parenthesis is not closed", "')'"},
    {"shmget:error=EPERM:if=size>", 28, "", NULL, "the condition ends too early", "a name, a number or '('"},
    {"shmget:error=EPERM:if=size>1)", 29, ")", NULL, "unexpected here",
     "an operator or the end of the condition"},
    {"shmget:error=EPERM:if=size/0", 27, "/", NULL, "division by zero", NULL},
    {"shmget:error=EPERM:if=09", 23, "09", NULL, "this is no number", "decimal, 0x… or 0… digits"},
    {"shmat:error=EPERM:if=size>1", 19, "if=size>1", NULL, "a call of this rule does not have that argument",
     ARGUMENTS_EXPECTED},
    {"shmget,shmat:error=EPERM:if=size>1", 26, "if=size>1", NULL,
     "a call of this rule does not have that argument", ARGUMENTS_EXPECTED},
    {"all:error=EPERM:if=size>1||id==0", 17, "if=size>1||id==0", NULL,
     "a call of this rule does not have that argument", ARGUMENTS_EXPECTED},
    {"shmat:error=EPERM;shmt:error=EPERM", 19, "shmt", "shmat", "unknown call", CALLS_EXPECTED},
    {"shmat:error=EPERM:name=a;shmdt:error=EINVAL:name=a", 26, "shmdt:error=EINVAL:name=a", NULL,
     "an earlier rule has the same name", NULL},
    {"shmat:retval=18446744073709551616", 14, "18446744073709551616", NULL,
     "this number does not fit in 64 bits", NULL},
    {"shmat:delay_enter=ms", 19, "ms", NULL, "this is no duration", "digits and ns, us, ms or s: 50ms"},
    {"shmat:delay_enter=1.5s", 20, ".5s", NULL, "unknown unit of time", "ns, us, ms or s"},
    {"shmat:error=EPERM:name=" A32, 24, A32, NULL, "this name is too long", "at most 31 characters"},
    {"shmat:error=EPERM:in=" A128, 22, A128, NULL, "this pattern is too long", "at most 127 characters"},
    {"shmat:error=EPERM:in=a b", 23, " ", NULL, "not allowed in the name of a caller",
     "a module such as libfoo.so.1, a path, or a function; * ? [a-z] match"},
    {A128 "/shmat:error=EPERM", 1, A128, NULL, "this role is too long", "at most 127 characters"},
    {"shmget:error=EPERM:if=18446744073709551616", 23, "18446744073709551616", NULL,
     "this number does not fit in 64 bits", NULL},
    {"shmget:error=EPERM:if=*2", 23, "*", NULL, "an operand is missing here", "a name, a number or '('"},
    {"shmget:error=EPERM:if=1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", 55, "1", NULL,
     "this condition has too many numbers", "at most 16"},
    {"shmget:error=EPERM:if=size+size+size+size+size+size+size+size+size+size+size+size+size+size+size+size+"
     "size+size+size+size+size+size+size+size+size+size+size+size+size+size+1",
     142, "+", NULL, "this condition is too long", "at most 48 operands and operators"},
    {"shmget:error=EPERM:if=" OPEN25 OPEN25 OPEN25, 47, "(", NULL, "the condition is nested too deeply",
     NULL},
    {"shmget:error=EPERM:if=" NOT32 NOT32 "size", 47, "!", NULL, "the condition is nested too deeply", NULL},
    {"shmget:error=EPERM:if=(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+("
     "size+(size+(size+size))))))))))))))))",
     23,
     "(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+(size+size)))"
     ")))))))))))))",
     NULL, "the condition is nested too deeply", NULL},
};

START_TEST(a_bad_rule_is_refused_with_its_place_its_words_and_the_nearest_name)
{
	const char *text = bad[_i].text;
	struct plan_error error = {0};

	ck_assert_msg(plan_parse(plan, text, strlen(text), &error) == -EINVAL, "accepted: %s", text);
	ck_assert_msg(error.column == bad[_i].column, "%s: column %u: %s", text, error.column, error.what);
	ck_assert_msg(error.length == strlen(bad[_i].word) &&
			  memcmp(text + error.start, bad[_i].word, error.length) == 0,
		      "%s: '%.*s'", text, (int)error.length, text + error.start);
	ck_assert_str_eq(error.what, bad[_i].what);
	ck_assert_pstr_eq(error.expected, bad[_i].expected);
	if (bad[_i].nearest)
		ck_assert_msg(error.nearest && strcmp(error.nearest, bad[_i].nearest) == 0, "%s: nearest %s",
			      text, error.nearest ? error.nearest : "none");
	else
		ck_assert_msg(!error.nearest, "%s: nearest %s", text, error.nearest);
	ck_assert_uint_eq(plan->rule_count, 0);
	ck_assert_uint_eq(plan->counter_count, 0);
}
END_TEST

START_TEST(an_error_leaves_the_earlier_rules_and_nothing_of_the_new_text)
{
	struct plan_error error;
	const char *first = "shmat:error=ENOMEM", *second = "shmdt:error=EINVAL;ftok:error=NO";

	ck_assert_int_eq(plan_parse(plan, first, strlen(first), &error), 0);
	ck_assert_int_eq(plan_parse(plan, second, strlen(second), &error), -EINVAL);
	ck_assert_uint_eq(error.rule, 2);
	ck_assert_uint_eq(plan->rule_count, 1);
	ck_assert_uint_eq(plan->by_call[CALL_SHMDT], 0);
}
END_TEST

START_TEST(a_file_has_lines_comments_and_blank_lines)
{
	const char *text =
	    "# faults\n\n  shmat:error=ENOMEM # the first\r\n;;\n\tshmdt:error=EINVAL;ftok:error=ENOENT\n";
	struct plan_error error;

	ck_assert_int_eq(plan_parse(plan, text, strlen(text), &error), 0);
	ck_assert_uint_eq(plan->rule_count, 3);
}
END_TEST

START_TEST(an_error_in_a_file_names_its_line)
{
	const char *text = "# faults; here\nshmat:error=ENOMEM\n  shmdt:error=EINVA\n";
	struct plan_error error;

	ck_assert_int_eq(plan_parse(plan, text, strlen(text), &error), -EINVAL);
	ck_assert_uint_eq(error.line, 3);
	ck_assert_uint_eq(error.column, 15);
	ck_assert_uint_eq(error.rule, 2);
}
END_TEST

START_TEST(no_text_is_no_rule_and_no_error)
{
	struct plan_error error;

	ck_assert_int_eq(plan_parse(plan, "", 0, &error), 0);
	ck_assert_int_eq(plan_parse(plan, " # x\n;", 6, &error), 0);
	ck_assert_uint_eq(plan->rule_count, 0);
}
END_TEST

START_TEST(the_rule_after_the_last_place_is_refused)
{
	struct plan_error error;

	for (int i = 0; i < PLAN_RULES; i++)
		ck_assert_int_eq(plan_parse(plan, "shmat:error=EPERM", 17, &error), 0);
	ck_assert_int_eq(plan_parse(plan, "shmat:error=EPERM", 17, &error), -ENOSPC);
	ck_assert_str_eq(error.what, "too many rules");
	ck_assert_pstr_eq(error.expected, "at most 64");
	ck_assert_uint_eq(plan->rule_count, PLAN_RULES);
}
END_TEST

START_TEST(a_nul_or_a_stray_byte_is_an_error_not_an_end)
{
	struct plan_error error;

	ck_assert_int_eq(plan_parse(plan, "shmat:error=ENOMEM\0:when=3", 26, &error), -EINVAL);
	ck_assert_int_eq(plan_parse(plan, "a\0/shmat:error=ENOMEM", 21, &error), -EINVAL);
	ck_assert_int_eq(plan_parse(plan, "shmat:error=EPERM:in=a\0b", 24, &error), -EINVAL);
}
END_TEST

START_TEST(deep_and_long_conditions_are_refused_not_crashed_on)
{
	char text[4096] = "shmget:error=EPERM:if=";
	struct plan_error error;
	size_t length = strlen(text);

	memset(text + length, '(', sizeof(text) - length);
	ck_assert_int_eq(plan_parse(plan, text, sizeof(text), &error), -EINVAL);
	memset(text + length, '!', sizeof(text) - length);
	ck_assert_int_eq(plan_parse(plan, text, sizeof(text), &error), -EINVAL);
	for (size_t i = length; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "1+", 2);
	ck_assert_int_eq(plan_parse(plan, text, sizeof(text) - 1, &error), -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_parse");
	TCase *tcase = tcase_create("grammar");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_good_rule_is_read_and_printed_in_canonical_form, 0,
			    sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tcase, a_bad_rule_is_refused_with_its_place_its_words_and_the_nearest_name, 0,
			    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, an_error_leaves_the_earlier_rules_and_nothing_of_the_new_text);
	tcase_add_test(tcase, a_file_has_lines_comments_and_blank_lines);
	tcase_add_test(tcase, an_error_in_a_file_names_its_line);
	tcase_add_test(tcase, no_text_is_no_rule_and_no_error);
	tcase_add_test(tcase, the_rule_after_the_last_place_is_refused);
	tcase_add_test(tcase, a_nul_or_a_stray_byte_is_an_error_not_an_end);
	tcase_add_test(tcase, deep_and_long_conditions_are_refused_not_crashed_on);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
