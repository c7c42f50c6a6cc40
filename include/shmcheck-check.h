/* SPDX-License-Identifier: MIT */
/* shmcheck-check.h: shmcheck in a Check (libcheck) suite: shmcheck(3). Needs Check 0.11 or later and -lshmcheck. */
#ifndef SHMCHECK_CHECK_H
#define SHMCHECK_CHECK_H

#include <check.h>
#include <shmcheck.h>
#include <stdio.h>
#include <string.h>

/* Every test of TCASE fails that leaves a segment or an attachment behind, at the line that made it, or that sets a rule
 * which never has an effect. What a test left is removed, so that the next one does not find it. Works with CK_FORK=yes
 * and no; each test sees its own segments only, whatever runs beside it. */
#define tcase_add_shmcheck(tcase)                                                                            \
	tcase_add_checked_fixture((tcase), shmcheck_check_setup, shmcheck_check_teardown)

/* Fails here, with the stacks, when something made since the test began is left. */
#define ck_assert_no_shm_leaks() shmcheck_check_leaks_(__FILE__, __LINE__)

/* ck_shm_fail(shmat, ENOMEM): the next call of shmat fails with ENOMEM. ck_shm_fail_nth: the Nth from now. */
#define ck_shm_fail(call, error)        ck_shm_inject(#call ":error=" #error ":when=1")
#define ck_shm_fail_nth(call, n, error) ck_shm_inject(#call ":error=" #error ":when=" #n)

/* Adds a rule of shmcheck-rules(7); one that is wrong fails the test. */
#define ck_shm_inject(rule) shmcheck_check_inject_((rule), __FILE__, __LINE__)

/* Fails when rule NUMBER did not take effect just HITS times. */
#define ck_assert_shm_hits(number, hits) ck_assert_int_eq(shmcheck_hits(number), (hits))

#ifdef __cplusplus
extern "C" {
#endif

/* The rest of this file is how the above works. */

enum { SHMCHECK_CHECK_LEAKS = 32, SHMCHECK_CHECK_TEXT = 3000 /* Check ends the run at a message of 4096 */ };

/* The fixture's; one for each file that includes this. */
static struct shmcheck_mark shmcheck_check_mark_;
static int shmcheck_check_is_marked_;

static inline void shmcheck_check_mark_now_(void)
{
	shmcheck_check_mark_ = shmcheck_mark();
	shmcheck_check_is_marked_ = 1;
}

static inline int shmcheck_check_inject_(const char *rule, const char *file, int line)
{
	int number = shmcheck_inject(rule);
	if (number < 0)
		_ck_assert_failed(file, line, "Failed", "shmcheck: '%s': %s", rule, shmcheck_error());
	else
		_mark_point(file, line);
	return number;
}

/* Takes the segments away before it fails: what it says stands in TEXT. */
static inline void shmcheck_check_leaks_(const char *file, int line)
{
	struct shmcheck_leak leaks[SHMCHECK_CHECK_LEAKS];
	static struct shmcheck_place place; /* Check keeps the pointer to its file */
	static char text[SHMCHECK_CHECK_TEXT];
	int count, known;
	if (!shmcheck_check_is_marked_)
		_ck_assert_failed(file ? file : __FILE__, file ? line : __LINE__, "Failed", "shmcheck: %s",
				  "there is no mark: add tcase_add_shmcheck to this test case");
	count = shmcheck_leaks(&shmcheck_check_mark_, leaks, SHMCHECK_CHECK_LEAKS);
	if (count < 0)
		_ck_assert_failed(file ? file : __FILE__, file ? line : __LINE__, "Failed", "shmcheck: %s",
				  "what is left cannot be told");
	if (file)
		_mark_point(file, line);
	if (count == 0)
		return;
	known = count < SHMCHECK_CHECK_LEAKS ? count : SHMCHECK_CHECK_LEAKS;
	shmcheck_explain(leaks, (size_t)known, text, sizeof(text));
	if (!file && shmcheck_place(&leaks[0], &place) == 0) {
		file = place.file;
		line = place.line;
	}
	shmcheck_remove(leaks, (size_t)known);
	shmcheck_check_mark_now_();
	_ck_assert_failed(file ? file : __FILE__, file ? line : __LINE__, "Failed",
			  "shmcheck: %d left behind:\n%s", count, text);
}

static inline void shmcheck_check_setup(void)
{
	shmcheck_clear();
	shmcheck_check_mark_now_();
}

static inline void shmcheck_check_teardown(void)
{
	char rule[1024];
	int missed = shmcheck_missed(rule, sizeof(rule));
	shmcheck_clear();
	shmcheck_check_leaks_(NULL, 0);
	if (missed)
		ck_abort_msg("shmcheck: the rule '%s' had no effect: what it was to fail was not called",
			     rule);
}

#ifdef __cplusplus
}
#endif

#endif
