// SPDX-License-Identifier: MIT
// tests: the log's clock goes with CLOCK_MONOTONIC, on every processor.
#include "harness/clock.h"
#include "tests/suite.h"

#include <sched.h>
#include <stdlib.h>

/* 0.03 % is promised; a busy machine may come between two looks. */
enum { SHARE = 1000, SLACK_NS = 2000000, LOOKS = 20000, MOVES = 20, STEP_NS = 1000000 };

static uint64_t monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

START_TEST(it_goes_as_fast_as_the_kernels)
{
	ck_assert(clock_start());
	const struct session_clock *clock = clock_settle();
	uint64_t begin = monotonic(), now = begin;
	if (!clock->rate)
		ck_assert(!clock_is_counter());
	for (int i = 0; i < 50; i++) {
		const struct timespec step = {0, STEP_NS};
		nanosleep(&step, NULL);
		uint64_t before = monotonic(), ours = clock_now_ns();
		now = monotonic();
		uint64_t drift = (now - begin) / SHARE + SLACK_NS;
		ck_assert_uint_ge(ours + drift, before);
		ck_assert_uint_le(ours, now + drift);
	}
}
END_TEST

/* A worker that is hired late settles it long after the start. */
START_TEST(its_rate_is_right_however_long_it_was_looked_at)
{
	for (uint64_t seconds = 1; seconds < 1000000; seconds *= 3) {
		uint64_t rate = clock_rate(seconds * 1000000000, seconds * 2500000000);
		ck_assert_uint_eq(rate, (UINT64_C(1) << 32) * 4 / 10);
	}
}
END_TEST

static void go_to(int processor)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	sched_setaffinity(0, sizeof set, &set);
}

START_TEST(it_never_goes_back)
{
	cpu_set_t all;
	uint64_t last;
	int steps_back = 0;
	ck_assert(clock_start());
	clock_settle();
	ck_assert_int_eq(sched_getaffinity(0, sizeof all, &all), 0);
	last = clock_now_ns();
	for (int i = 0; i < LOOKS; i++) {
		if (i % (LOOKS / MOVES) == 0)
			go_to(i / (LOOKS / MOVES) % CPU_COUNT(&all));
		uint64_t now = clock_now_ns();
		steps_back += now < last;
		last = now;
	}
	ck_assert_int_eq(steps_back, 0);
}
END_TEST

START_TEST(ticks_become_nanoseconds)
{
	const struct session_clock clock = {.base_ticks = 1000, .base_ns = 5000, .rate = UINT64_C(1) << 31};
	ck_assert_uint_eq(clock_ns(&clock, 1000), 5000);
	ck_assert_uint_eq(clock_ns(&clock, 3000), 6000);
	ck_assert_uint_eq(clock_ns(&clock, 800), 4900); /* another processor's, a moment ago */
	ck_assert_uint_eq(clock_ns(&clock, UINT64_C(1000000000000000000)), UINT64_C(500000000000004500));
}
END_TEST

START_TEST(the_variable_chooses)
{
	setenv(ENV_CLOCK, "sundial", 1);
	ck_assert(!clock_start());
	setenv(ENV_CLOCK, "monotonic", 1);
	ck_assert(clock_start());
	ck_assert(!clock_is_counter());
	ck_assert_uint_eq(clock_settle()->rate, 0);
	setenv(ENV_CLOCK, "", 1);
	ck_assert(clock_start());
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("clock");
	TCase *all = tcase_create("all");
	tcase_add_test(all, it_goes_as_fast_as_the_kernels);
	tcase_add_test(all, its_rate_is_right_however_long_it_was_looked_at);
	tcase_add_test(all, it_never_goes_back);
	tcase_add_test(all, ticks_become_nanoseconds);
	tcase_add_test(all, the_variable_chooses);
	suite_add_tcase(suite, all);
	return suite_run(suite);
}
