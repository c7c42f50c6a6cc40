// SPDX-License-Identifier: MIT
// tests: what a plan has happen: filters, then the count, then the probability; against an oracle of its own.
#include "protocol/plan.h"
#include "suite.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static struct plan *plan;

static void make(const char *text, uint32_t slots, uint64_t seed)
{
	struct plan_error error = {0};

	free(plan);
	plan = aligned_alloc(64, (plan_size(slots) + 63) & ~63ul);
	ck_assert_int_eq(plan_init(plan, plan_size(slots), seed), 0);
	ck_assert_msg(plan_parse(plan, text, strlen(text), &error) == 0, "%s: %s", text, error.what);
	ck_assert(plan_is_valid(plan, plan_size(slots)));
}

static void teardown(void)
{
	free(plan);
	plan = NULL;
}

static bool in_main(const char *pattern, const struct plan_call *call)
{
	return strcmp(pattern, "main") == 0 && call->caller == 42;
}

static struct plan_decision decide_as(unsigned call, uint64_t a, uint64_t b, uint64_t c, uint32_t process,
				      int tid, const char *role)
{
	uint64_t args[4] = {a, b, c};
	struct plan_call about = {.call = call,
				  .args = args,
				  .process = process,
				  .tid = tid,
				  .caller = 42,
				  .roles = plan_roles(plan, role, strlen(role))};
	struct plan_decision decision;

	plan_decide(plan, &about, in_main, &decision);
	return decision;
}

static struct plan_decision decide(unsigned call, uint64_t a, uint64_t b, uint64_t c)
{
	return decide_as(call, a, b, c, 1, 100, "main");
}

/* The oracle lists the firing numbers instead of computing with them. */
static const struct {
	const char *when;
	const char *fires; /* calls 1 to 12: x fires */
} whens[] = {
    {"", "xxxxxxxxxxxx"},
    {":when=1", "x..........."},
    {":when=3", "..x........."},
    {":when=3+", "..xxxxxxxxxx"},
    {":when=3..5", "..xxx......."},
    {":when=3+4", "..x...x...x."},
    {":when=2..9+3", ".x..x..x...."},
    {":when=12", "...........x"},
    {":when=18446744073709551615", "............"},
    {":when=4..4+2", "...x........"},
};

static const struct {
	const char *scope;
	int processes, threads; /* counts that are kept apart */
} scopes[] = {{":scope=tree", 0, 0}, {":scope=process", 1, 0}, {":scope=thread", 1, 1}};

static const struct {
	const char *call;
	unsigned number;
	const char *error;
	int value;
	int64_t failure;
} calls[] = {
    {"ftok", CALL_FTOK, "ENOENT", ENOENT, -1},   {"shmget", CALL_SHMGET, "ENOSPC", ENOSPC, -1},
    {"shmat", CALL_SHMAT, "ENOMEM", ENOMEM, -1}, {"shmdt", CALL_SHMDT, "EINVAL", EINVAL, -1},
    {"shmctl", CALL_SHMCTL, "EPERM", EPERM, -1},
};

static void check_product(const char *fires, int by_process, int by_thread, unsigned c)
{
	int counts[3][3] = {{0}};

	for (int i = 0; i < 100; i++) {
		int process = i % 3, thread = i / 3 % 3;
		int *counter = &counts[by_process ? process : 0][by_thread ? thread : 0];
		struct plan_decision decision =
		    decide_as(calls[c].number, 1, 0, 0, (uint32_t)process + 1, 100 + thread, "main");
		bool expected = *counter < 12 && fires[*counter] == 'x';

		++*counter;
		if (*counter > 12)
			continue;
		ck_assert_int_eq(decision.rule, expected);
		ck_assert_int_eq(decision.error, expected ? calls[c].value : 0);
		ck_assert_int_eq(decision.value, expected ? calls[c].failure : 0);
	}
}

START_TEST(every_call_errno_when_and_scope_does_as_the_oracle_says)
{
	char text[128];

	for (unsigned c = 0; c < 5; c++)
		for (unsigned w = 0; w < sizeof(whens) / sizeof(whens[0]); w++)
			for (unsigned s = 0; s < 3; s++) {
				snprintf(text, sizeof(text), "%s:error=%s%s%s", calls[c].call, calls[c].error,
					 whens[w].when, scopes[s].scope);
				make(text, 64, 0);
				check_product(whens[w].fires, scopes[s].processes, scopes[s].threads, c);
			}
}
END_TEST

START_TEST(the_first_rule_that_gives_a_result_gives_it_and_each_has_its_own_count)
{
	make("shmat:error=ENOMEM:when=2;shmat:error=EACCES:when=2..3;shmat:delay_enter=1ms:when=2", 0, 0);
	ck_assert_uint_eq(decide(CALL_SHMAT, 1, 0, 0).fired, 0);
	struct plan_decision second = decide(CALL_SHMAT, 1, 0, 0), third = decide(CALL_SHMAT, 1, 0, 0);

	ck_assert_uint_eq(second.rule, 1);
	ck_assert_int_eq(second.error, ENOMEM);
	ck_assert_uint_eq(second.fired, 7);
	ck_assert_uint_eq(third.rule, 2);
	ck_assert_int_eq(third.error, EACCES);
	ck_assert_uint_eq(plan_hits(plan, 0), 1);
	ck_assert_uint_eq(plan_hits(plan, 1), 1);
	ck_assert_uint_eq(plan_hits(plan, 2), 1);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_eq(plan_matches(plan, i), 3);
}
END_TEST

START_TEST(a_rule_that_is_always_shadowed_has_no_hit)
{
	make("shmat:error=ENOMEM;shmat:error=EACCES", 0, 0);
	decide(CALL_SHMAT, 1, 0, 0);
	ck_assert_uint_eq(plan_hits(plan, 0), 1);
	ck_assert_uint_eq(plan_hits(plan, 1), 0);
	ck_assert_uint_eq(plan_matches(plan, 1), 1);
}
END_TEST

START_TEST(a_call_that_fails_a_filter_is_not_counted)
{
	make("shmget:error=EINVAL:if=size>=4096:when=2;shmget:error=EPERM:in=nobody", 0, 0);
	ck_assert_uint_eq(decide(CALL_SHMGET, 1, 4096, 0).rule, 0);
	ck_assert_uint_eq(decide(CALL_SHMGET, 1, 4095, 0).rule, 0);
	ck_assert_uint_eq(decide(CALL_SHMGET, 1, 8192, 0).rule, 1);
	ck_assert_uint_eq(plan_matches(plan, 0), 2);
	ck_assert_uint_eq(plan_matches(plan, 1), 0);
}
END_TEST

START_TEST(a_rule_for_one_command_leaves_the_others_alone)
{
	make("shmctl.RMID:error=EPERM;shmctl:delay_exit=1ns", 0, 0);
	ck_assert_uint_eq(decide(CALL_SHMCTL, 0, IPC_STAT, 0).rule, 0);
	ck_assert_uint_eq(decide(CALL_SHMCTL, 0, IPC_RMID, 0).rule, 1);
	ck_assert_uint_eq(decide(CALL_SHMCTL, 0, IPC_RMID | 0x100, 0).rule, 1);
	ck_assert_uint_eq(decide(CALL_SHMCTL, 0, 12345, 0).fired, 2);
	ck_assert_uint_eq(plan_matches(plan, 0), 2);
}
END_TEST

START_TEST(a_role_is_a_glob_and_other_roles_do_not_count)
{
	make("main@*/shmat:error=ENOMEM:when=1", 0, 0);
	ck_assert_uint_eq(decide_as(CALL_SHMAT, 1, 0, 0, 1, 1, "main").rule, 0);
	ck_assert_uint_eq(decide_as(CALL_SHMAT, 1, 0, 0, 2, 2, "main@1").rule, 1);
	ck_assert_uint_eq(plan_matches(plan, 0), 1);
}
END_TEST

START_TEST(the_caller_is_asked_for_only_when_a_rule_wants_it)
{
	make("shmat:error=ENOMEM:in=main", 0, 0);
	ck_assert_uint_eq(decide(CALL_SHMAT, 1, 0, 0).rule, 1);
	make("shmat:error=ENOMEM:in=other", 0, 0);
	ck_assert_uint_eq(decide(CALL_SHMAT, 1, 0, 0).rule, 0);
}
END_TEST

START_TEST(a_world_counts_its_hit_only_once_it_was_made)
{
	make("shmat:world=removed", 0, 0);
	struct plan_decision decision = decide(CALL_SHMAT, 1, 0, 0);

	ck_assert_uint_eq(decision.result, RESULT_WORLD);
	ck_assert_uint_eq(plan_hits(plan, 0), 0);
	plan_hit(plan, decision.rule);
	ck_assert_uint_eq(plan_hits(plan, 0), 1);
}
END_TEST

static unsigned draw(uint64_t seed, char pattern[1001])
{
	unsigned hits = 0;

	make("shmat:error=ENOMEM:p=0.25", 0, seed);
	for (int i = 0; i < 1000; i++) {
		pattern[i] = decide(CALL_SHMAT, 1, 0, 0).rule ? 'x' : '.';
		hits += pattern[i] == 'x';
	}
	pattern[1000] = 0;
	return hits;
}

START_TEST(a_probability_is_kept_and_follows_from_the_seed_alone)
{
	char first[1001], second[1001], other[1001];
	unsigned hits = draw(7, first);

	srandom(1);
	ck_assert_uint_gt(hits, 190); /* 250 expected, standard deviation 13.7 */
	ck_assert_uint_lt(hits, 310);
	draw(7, second);
	ck_assert_str_eq(first, second);
	draw(8, other);
	ck_assert_str_ne(first, other);
	ck_assert_int_eq(random(), 1804289383); /* glibc's first after srandom(1): not touched */
}
END_TEST

START_TEST(counts_that_find_no_slot_are_counted_and_never_fire)
{
	make("shmat:error=ENOMEM:scope=process", 4, 0);
	for (uint32_t process = 1; process <= 4; process++)
		ck_assert_uint_eq(decide_as(CALL_SHMAT, 1, 0, 0, process, 1, "main").rule, 1);
	ck_assert_uint_eq(decide_as(CALL_SHMAT, 1, 0, 0, 5, 1, "main").rule, 0);
	ck_assert_uint_eq(plan->overflow, 1);
	ck_assert_uint_eq(decide_as(CALL_SHMAT, 1, 0, 0, 4, 1, "main").rule, 1);
}
END_TEST

enum { THREADS = 4, CALLS = 50000 };

static void *hammer(void *context)
{
	uint64_t hits = 0;

	for (int i = 0; i < CALLS; i++)
		hits += decide_as(CALL_SHMAT, 1, 0, 0, 1, *(int *)context, "main").rule == 1;
	*(int *)context = (int)hits;
	return NULL;
}

START_TEST(threads_share_the_count_and_nothing_is_lost)
{
	pthread_t threads[THREADS];
	int contexts[THREADS], sum = 0;

	make("shmat:error=ENOMEM:when=1000+7", 0, 0);
	for (int i = 0; i < THREADS; i++) {
		contexts[i] = i + 1;
		ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer, &contexts[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		sum += contexts[i];
	}
	ck_assert_int_eq(sum, (THREADS * CALLS - 1000) / 7 + 1);
	ck_assert_uint_eq(plan_hits(plan, 0), (uint64_t)sum);
	ck_assert_uint_eq(plan_matches(plan, 0), THREADS * CALLS);
}
END_TEST

/* The compiler is the oracle: the same text, as C. It is right to warn of some of it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wbool-compare"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#define AS_C(expression)                                                                                     \
	{                                                                                                    \
#expression, (expression) != 0                                                               \
	}
START_TEST(a_condition_means_what_it_means_in_c)
{
	const int64_t size = 4096, flags = IPC_CREAT | 0600, create = 1;
	const int key = (int)0xdeadbeef;
	const struct {
		const char *text;
		bool value;
	} rows[] = {
	    AS_C(size >= 4096 && flags & IPC_CREAT),
	    AS_C(size > 4096),
	    AS_C(size < 4097),
	    AS_C(size <= 4095),
	    AS_C(!create),
	    AS_C(!!create),
	    AS_C(~flags & IPC_EXCL),
	    AS_C(flags & IPC_EXCL),
	    AS_C(-size < 0),
	    AS_C(size % 1000 == 96),
	    AS_C(size / 1000 == 4),
	    AS_C(size * 2 - 1 == 8191),
	    AS_C(2 + 3 * 4 == 14),
	    AS_C((2 + 3) * 4 == 20),
	    AS_C(1 << 12 == size),
	    AS_C(size >> 12 == 1),
	    AS_C((flags & 0777) == 0600),
	    AS_C((flags ^ IPC_CREAT) == 0600),
	    AS_C(1 | 2 && 0),
	    AS_C((0 && 0) || 1),
	    AS_C((5 > 4) > 3),
	    AS_C(10 - 4 - 3 == 3),
	    AS_C(64 / 4 / 2 == 8),
	    AS_C(0x1F == 31),
	    AS_C(1 != 1),
	    AS_C(key == 0xdeadbeef),
	    AS_C(key != 0xdeadbeef),
	    AS_C(key == -559038737),
	    AS_C(key < 0),
	    AS_C((1 ^ 3) & 2),
	    AS_C(-3 / 2 == -1),
	    AS_C(-3 % 2 == -1),
	    AS_C(1 << 2 + 1 == 8),
	    AS_C(size - -1 == 4097),
	};
	char text[256];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "shmget:error=EPERM:if=%s", rows[i].text);
		make(text, 0, 0);
		ck_assert_msg(
		    decide(CALL_SHMGET, (uint64_t)(int64_t)key, (uint64_t)size, (uint64_t)flags).rule ==
			rows[i].value,
		    "%s", rows[i].text);
	}
}
END_TEST

#pragma GCC diagnostic pop

START_TEST(conditions_that_trap_in_c_have_a_value_here)
{
	const char *texts[] = {"size/(size-4096)==0", "size%(1-1)==0", "(1<<63)/-1<0", "(1<<63)%-1==0",
			       "1<<64==1"};
	char text[256];

	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(text, sizeof(text), "shmget:error=EPERM:if=%s", texts[i]);
		make(text, 0, 0);
		ck_assert_msg(decide(CALL_SHMGET, 1, 4096, 0).rule == 1, "%s", texts[i]);
	}
	make("shmget:error=EPERM:if=size>4096", 0, 0);
	ck_assert_uint_eq(decide(CALL_SHMGET, 1, UINT64_MAX, 0).rule, 1);
}
END_TEST

START_TEST(a_scribbled_plan_is_not_valid)
{
	make("shmat:error=ENOMEM", 4, 0);
	ck_assert(!plan_is_valid(plan, plan_size(4) - 1));
	plan->rule_count = 65;
	ck_assert(!plan_is_valid(plan, plan_size(4)));
	plan->rule_count = 1;
	plan->rules[0].counter = 64;
	ck_assert(!plan_is_valid(plan, plan_size(4)));
	plan->rules[0].counter = 0;
	plan->slot_count = 3;
	ck_assert(!plan_is_valid(plan, plan_size(4)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan_decide");
	TCase *tcase = tcase_create("decisions");
	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, every_call_errno_when_and_scope_does_as_the_oracle_says);
	tcase_add_test(tcase, the_first_rule_that_gives_a_result_gives_it_and_each_has_its_own_count);
	tcase_add_test(tcase, a_rule_that_is_always_shadowed_has_no_hit);
	tcase_add_test(tcase, a_call_that_fails_a_filter_is_not_counted);
	tcase_add_test(tcase, a_rule_for_one_command_leaves_the_others_alone);
	tcase_add_test(tcase, a_role_is_a_glob_and_other_roles_do_not_count);
	tcase_add_test(tcase, the_caller_is_asked_for_only_when_a_rule_wants_it);
	tcase_add_test(tcase, a_world_counts_its_hit_only_once_it_was_made);
	tcase_add_test(tcase, a_probability_is_kept_and_follows_from_the_seed_alone);
	tcase_add_test(tcase, counts_that_find_no_slot_are_counted_and_never_fire);
	tcase_add_test(tcase, threads_share_the_count_and_nothing_is_lost);
	tcase_add_test(tcase, a_condition_means_what_it_means_in_c);
	tcase_add_test(tcase, conditions_that_trap_in_c_have_a_value_here);
	tcase_add_test(tcase, a_scribbled_plan_is_not_valid);
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
