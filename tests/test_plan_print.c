// SPDX-License-Identifier: MIT
// tests: printing a rule and reading it back gives the same rule, for any rule.
#include "protocol/plan.h"

#include "suite.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 10000 };

static uint64_t state = 88172645463325252ull;

static unsigned pick(unsigned count)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 20) % count);
}

struct text {
	char bytes[2048];
	size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text->length += (size_t)vsnprintf(text->bytes + text->length, sizeof(text->bytes) - text->length,
					  format, arguments);
	va_end(arguments);
}

static const char *any(const char *const *list, unsigned count)
{
	return list[pick(count)];
}
#define ANY(...)                                                                                             \
	any((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void add_expression(struct text *text, unsigned depth)
{
	switch (depth ? pick(6) : 0) {
	case 0:
	case 1:
		add(text, "%s",
		    ANY("key", "size", "flags", "create", "0", "7", "0x1F", "017", "IPC_CREAT",
			"SHM_RDONLY"));
		return;
	case 2:
		add(text, "(");
		add_expression(text, depth - 1);
		add(text, ")");
		return;
	case 3:
		add(text, "%s", ANY("!", "~", "-"));
		add_expression(text, depth - 1);
		return;
	}
	add_expression(text, depth - 1);
	add(text, "%s%s%s", ANY("", " "),
	    ANY("*", "+", "-", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&", "^", "|", "&&", "||"),
	    ANY("", " "));
	add_expression(text, depth - 1);
}

static void add_effect(struct text *text)
{
	switch (pick(4)) {
	case 0:
		add(text, ":error=%s", ANY("ENOMEM", "EINVAL", "EAGAIN", "EHWPOISON", "ENOTSUP"));
		break;
	case 1:
		add(text, ":retval=%s", ANY("0", "-1", "0xffffffff", "-2147483648", "0777"));
		break;
	case 2:
		add(text, ":world=%s", ANY("removed", "stale", "stale,4096", "stale,0x10"));
		return;
	case 3:
		add(text, ":delay_enter=%u%s", 1 + pick(5000), ANY("ns", "us", "ms", "s"));
		return;
	}
	if (pick(2))
		add(text, ":effect=%s", ANY("skip", "after"));
}

static void add_when(struct text *text)
{
	unsigned first = 1 + pick(1000000);

	add(text, ":when=%u", first);
	if (pick(2))
		add(text, "..%u", first + pick(3000));
	else if (pick(2))
		return add(text, "+");
	if (pick(2))
		add(text, "+%u", 1 + pick(100));
}

static void random_rule(struct text *text)
{
	*text = (struct text){.length = 0};
	if (pick(3) == 0)
		add(text, "%s/", ANY("main", "main@*", "r[a-z]?", "x-1_2.3"));
	add(text, "shmget");
	add_effect(text);
	if (pick(2))
		add_when(text);
	if (pick(3) == 0)
		add(text, ":p=0.%u", 1 + pick(999999999));
	if (pick(3) == 0)
		add(text, ":signal=%u%s", 1 + pick(31), ANY("", "@enter"));
	if (pick(3) == 0)
		add(text, ":delay_exit=%u%s", 1 + pick(2000000000), ANY("ns", "us"));
	if (pick(3) == 0)
		add(text, ":scope=%s", ANY("tree", "process", "thread"));
	if (pick(2)) {
		add(text, ":if=");
		add_expression(text, 3);
	}
	if (pick(4) == 0)
		add(text, ":in=%s", ANY("libfoo.so.1", "/usr/lib/*", "shm_[io]*"));
	if (pick(4) == 0)
		add(text, ":name=r%u", pick(1000));
	if (pick(3) == 0)
		add(text, ":expect=%s", ANY("hit", "any"));
}

static struct plan *read_one(const char *text)
{
	struct plan *plan = aligned_alloc(64, (plan_size(0) + 63) & ~63ul);
	struct plan_error error = {0};

	ck_assert_int_eq(plan_init(plan, plan_size(0), 0), 0);
	ck_assert_msg(plan_parse(plan, text, strlen(text), &error) == 0, "%s: %s, column %u", text,
		      error.what, error.column);
	ck_assert_uint_eq(plan->rule_count, 1);
	return plan;
}

START_TEST(what_is_printed_reads_back_as_the_same_rule)
{
	struct text text;
	char first[PLAN_TEXT], second[PLAN_TEXT];

	for (int i = 0; i < ROUNDS; i++) {
		struct plan *plan, *again;

		random_rule(&text);
		plan = read_one(text.bytes);
		ck_assert_int_gt(plan_print(&plan->rules[0], first, sizeof(first)), 0);
		again = read_one(first);
		ck_assert_msg(memcmp(&plan->rules[0], &again->rules[0], sizeof(plan->rules[0])) == 0,
			      "%s -> %s", text.bytes, first);
		ck_assert_int_gt(plan_print(&again->rules[0], second, sizeof(second)), 0);
		ck_assert_str_eq(first, second);
		free(plan);
		free(again);
	}
}
END_TEST

START_TEST(a_buffer_that_is_too_small_is_said_not_overrun)
{
	struct plan *plan = read_one("shmat:error=ENOMEM:when=3");
	char buffer[27];

	memset(buffer, '#', sizeof(buffer));
	ck_assert_int_eq(plan_print(&plan->rules[0], buffer, 26), 25);
	ck_assert_int_lt(plan_print(&plan->rules[0], buffer, 25), 0);
	ck_assert_int_lt(plan_print(&plan->rules[0], buffer, 0), 0);
	ck_assert_int_eq(buffer[26], '#');
	free(plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_print");
	TCase *tcase = tcase_create("canonical form");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, what_is_printed_reads_back_as_the_same_rule);
	tcase_add_test(tcase, a_buffer_that_is_too_small_is_said_not_overrun);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
