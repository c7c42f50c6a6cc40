// SPDX-License-Identifier: MIT
// tests: the first look at a call takes out no rule that the second would have counted.
#include "protocol/plan.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static const char *const conditions[] = {"size==4096",
					 "size!=4096",
					 "size<4096",
					 "size<=4096",
					 "size>4096",
					 "size>=4096",
					 "size<0x8000000000000000",
					 "size>=0",
					 "key==0",
					 "key!=0",
					 "key==0xdeadbeef",
					 "key>-1",
					 "flags==01600",
					 "create==1",
					 "create!=1",
					 "create",
					 "id==0",
					 "id!=0",
					 "id<0",
					 "addr==0",
					 "addr!=0",
					 "addr>=0x700000000000",
					 "cmd==IPC_RMID",
					 "cmd!=IPC_STAT",
					 "cmd==0x102",
					 "size==4096&&create",
					 "!create"};

static const uint64_t values[] = {
    0,     1,        4096,     4097,  (uint64_t)-1, 0xdeadbeef, 0xffffffffdeadbeef,
    01600, IPC_STAT, IPC_RMID, 0x102, INT64_MAX,    1ull << 63, 0x700000000000};

static struct plan *make(const char *text)
{
	struct plan *plan = aligned_alloc(64, (plan_size(0) + 63) & ~63ul);
	struct plan_error error;

	ck_assert_int_eq(plan_init(plan, plan_size(0), 0), 0);
	ck_assert_msg(plan_parse(plan, text, strlen(text), &error) == 0, "%s", text);
	return plan;
}

static void compare(struct plan *whole, struct plan *sifted, const uint64_t args[4], unsigned call)
{
	struct plan_call about = {.call = call, .args = args, .roles = ~UINT64_C(0)};
	struct plan_decision a, b;

	plan_decide(whole, &about, NULL, &a);
	about.roles = plan_sift(sifted, call, about.roles, args);
	plan_decide(sifted, &about, NULL, &b);
	ck_assert_msg(memcmp(&a, &b, sizeof(a)) == 0 &&
			  memcmp(whole->counters, sifted->counters, sizeof(whole->counters)) == 0,
		      "call %u (%llx, %llx, %llx): %llx, not %llx", call, (unsigned long long)args[0],
		      (unsigned long long)args[1], (unsigned long long)args[2], (unsigned long long)b.fired,
		      (unsigned long long)a.fired);
}

START_TEST(what_is_sifted_out_would_not_have_counted)
{
	static const char rest[] = "shmctl.RMID:error=EIO;shmctl.STAT,shmctl.SET:error=EIO:when=2;shmget:"
				   "error=EIO:when=3;all:signal=TERM";
	struct plan *whole, *sifted;
	char text[4096] = "";

	for (unsigned i = 0; i < sizeof(conditions) / sizeof(*conditions); i++)
		strcat(strcat(strcat(text, "all:delay_exit=1ns:if="), conditions[i]), ";");
	strcat(text, rest);
	whole = make(text);
	sifted = make(text);
	ck_assert_uint_gt(whole->range_count, 15);
	for (unsigned call = 0; call < CALL_COUNT; call++)
		for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++)
			for (unsigned k = 0; k < sizeof(values) / sizeof(*values); k++)
				for (unsigned m = 0; m < sizeof(values) / sizeof(*values); m++)
					compare(whole, sifted,
						(const uint64_t[4]){values[i], values[k], values[m]}, call);
	free(whole);
	free(sifted);
}
END_TEST

START_TEST(a_call_that_no_rule_wants_is_let_go)
{
	struct plan *plan = make("shmget:error=EIO:if=size==7;shmctl.RMID:error=EIO");

	ck_assert_uint_eq(plan_sift(plan, CALL_SHMGET, 3, (const uint64_t[4]){0, 4096, 0}), 0);
	ck_assert_uint_eq(plan_sift(plan, CALL_SHMGET, 3, (const uint64_t[4]){0, 7, 0}), 1);
	ck_assert_uint_eq(plan_sift(plan, CALL_SHMCTL, 3, (const uint64_t[4]){0, IPC_STAT, 0}), 0);
	ck_assert_uint_eq(plan_sift(plan, CALL_SHMCTL, 3, (const uint64_t[4]){0, IPC_RMID, 0}), 2);
	ck_assert_uint_eq(plan_sift(plan, CALL_SHMAT, 3, (const uint64_t[4]){0, 7, 0}), 0);
	free(plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_sift");
	TCase *tcase = tcase_create("sift");

	tcase_add_test(tcase, what_is_sifted_out_would_not_have_counted);
	tcase_add_test(tcase, a_call_that_no_rule_wants_is_let_go);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
