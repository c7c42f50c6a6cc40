// SPDX-License-Identifier: MIT
// tests: the whole product of call, errno, when, scope and way of going on, and that of call, effect, when, scope, way and
// route, against an oracle of its own: what the program is told, what the kernel did, and what the log has.
#include "protocol/plan.h"
#include "protocol/session.h"

#include "suite.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCKS = 8, ARENA = 1 << 18, CALLS = 8, HALF = 4, OUTPUT = 1024 };

static const struct {
	const char *text;
	unsigned event;
} calls[] = {{"ftok", CALL_FTOK},   {"shmget", CALL_SHMGET},      {"shmat", CALL_SHMAT},
	     {"shmdt", CALL_SHMDT}, {"shmctl.STAT", CALL_SHMCTL}, {"shmctl.RMID", CALL_SHMCTL}};

static const char *const errors[] = {"ENOMEM", "EACCES", "EINVAL", "ENOSPC", "EIDRM", "EPERM"};
static const int numbers[] = {ENOMEM, EACCES, EINVAL, ENOSPC, EIDRM, EPERM};

/* The calls that each form chooses, written out by hand. */
static const struct {
	const char *text, *chosen;
} whens[] = {{"", "11111111"},         {":when=3", "00100000"},     {":when=6", "00000100"},
	     {":when=3+", "00111111"}, {":when=2..5", "01111000"},  {":when=2+3", "01001001"},
	     {":when=1+", "11111111"}, {":when=1..7+3", "10010010"}};

static const char *const scopes[] = {"", ":scope=process", ":scope=thread"};
static const char *const ways[] = {"alone", "fork", "thread", "exec"};

/* Where the second four of the calls begin to be counted anew: [scope][way]. */
static const char anew[3][4] = {{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 1, 1, 0}};

/* What a rule makes of a call, written out by hand: what the program is told (NULL: the errno), what becomes of the call. */
static const struct {
	const char *text, *told;
	bool is_made;
	int64_t result;
	unsigned flags;
} effects[] = {{"", NULL, false, -1, RECORD_INJECTED | RECORD_FAILED},
	       {":effect=after", NULL, true, -1, RECORD_INJECTED | RECORD_FAILED | RECORD_AFTER},
	       {"", "77", false, 77, RECORD_INJECTED},
	       {":effect=after", "77", true, 77, RECORD_INJECTED | RECORD_AFTER}};

static const char *const routes[] = {"libc", "syscall"};

struct one {
	unsigned call, error, when, scope, way, effect, route;
};

static bool is_chosen(unsigned when, unsigned scope, unsigned way, unsigned call)
{
	return whens[when].chosen[anew[scope][way] && call >= HALF ? call - HALF : call] == '1';
}

static struct session *session;
static uint64_t size;
static char path[] = "/dev/shm/shmcheck-product-XXXXXX";

static void setup(void)
{
	int fd;

	ck_assert_msg(unshare(CLONE_NEWIPC) == 0, "broken: no IPC namespace: %s", strerror(errno));
	size = session_layout(BLOCKS, ARENA, plan_size(64)).total;
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	session = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	ck_assert_ptr_ne(session, MAP_FAILED);
}

static void teardown(void)
{
	munmap(session, size);
	unlink(path);
}

static void prepare(const char *rule)
{
	struct plan_error error;
	struct plan *plan;

	memset(session, 0, size);
	ck_assert_int_eq(session_init(session, size, BLOCKS, ARENA, plan_size(64)), 0);
	session->stacks = STACKS_NONE;
	session->wait_ms = 0;
	plan = session_plan(session);
	ck_assert_int_eq(plan_init(plan, plan_size(64), 0), 0);
	ck_assert_msg(plan_parse(plan, rule, strlen(rule), &error) == 0, "%s", rule);
}

static void run(const char *call, const char *way, const char *route, char output[OUTPUT])
{
	static const char program[] = BUILD "/tests/programs/product";
	size_t length = 0;
	int ends[2], status;
	ssize_t got;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		setenv("LD_PRELOAD", BUILD "/libshmcheck.so", 1);
		setenv(ENV_SESSION, path, 1);
		setenv(ENV_SELF, "0:0:0:0:main", 1);
		execl(program, program, call, way, route, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (length + 1 < OUTPUT && (got = read(ends[0], output + length, OUTPUT - 1 - length)) > 0)
		length += (size_t)got;
	output[length] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

static int by_begin(const void *left, const void *right)
{
	const struct record *const *a = left, *const *b = right;

	return ((*a)->begin_ns > (*b)->begin_ns) - ((*a)->begin_ns < (*b)->begin_ns);
}

/* The finished records of EVENT in the order of time; returns how many. */
static unsigned collect(unsigned event, const struct record *ret_records[CALLS + 1])
{
	unsigned count = 0;

	for (unsigned i = 0; i < BLOCKS * BLOCK_RECORDS && count <= CALLS; i++) {
		const struct record *record =
		    &session_blocks(session)[i / BLOCK_RECORDS].records[i % BLOCK_RECORDS];

		if (record->state == RECORD_DONE && record->event == event)
			ret_records[count++] = record;
	}
	qsort(ret_records, count, sizeof(*ret_records), by_begin);
	return count;
}

/* The line that the program is to print for a call. */
static void expect(const struct one *one, bool chosen, char line[OUTPUT])
{
	bool is_made = !chosen || effects[one->effect].is_made;

	snprintf(line, OUTPUT, "%s %s\n",
		 !chosen                     ? "ok"
		 : effects[one->effect].told ? effects[one->effect].told
					     : errors[one->error],
		 calls[one->call].event == CALL_FTOK ? "-"
		 : is_made                           ? "made"
						     : "not");
}

static void check_record(const struct one *one, const struct record *record, bool chosen, const char *rule)
{
	const unsigned looked_at = RECORD_INJECTED | RECORD_FAILED | RECORD_AFTER | RECORD_RAW;
	unsigned flags = (chosen ? effects[one->effect].flags : 0) | (one->route ? RECORD_RAW : 0);
	bool fails = chosen && !effects[one->effect].told;

	ck_assert_msg((record->flags & looked_at) == flags && record->rule == (chosen ? 1 : 0) &&
			  record->error == (fails ? numbers[one->error] : 0) &&
			  (!chosen || record->result == effects[one->effect].result),
		      "%s, %s, %s: a record has flags %x, rule %u, errno %d, result %lld", rule,
		      ways[one->way], routes[one->route], record->flags, record->rule, record->error,
		      (long long)record->result);
}

static void check_one(const struct one *one)
{
	const struct record *records[CALLS + 1];
	const char *told = effects[one->effect].told;
	char rule[128], output[OUTPUT], line[OUTPUT], expected[OUTPUT] = "";
	bool chosen[CALLS];

	snprintf(rule, sizeof(rule), "%s:%s%s%s%s%s", calls[one->call].text,
		 told ? "retval=" : "error=", told ? told : errors[one->error], effects[one->effect].text,
		 whens[one->when].text, scopes[one->scope]);
	for (unsigned i = 0; i < CALLS; i++) {
		chosen[i] = is_chosen(one->when, one->scope, one->way, i);
		expect(one, chosen[i], line);
		strcat(expected, line);
	}
	prepare(rule);
	run(calls[one->call].text, ways[one->way], routes[one->route], output);
	ck_assert_msg(strcmp(output, expected) == 0, "%s, %s, %s: the program was told\n%snot\n%s", rule,
		      ways[one->way], routes[one->route], output, expected);
	ck_assert_msg(collect(calls[one->call].event, records) == CALLS, "%s, %s: not %d records", rule,
		      ways[one->way], CALLS);
	for (unsigned i = 0; i < CALLS; i++)
		check_record(one, records[i], chosen[i], rule);
}

START_TEST(each_call_fails_where_when_and_as_the_rule_says)
{
	struct one one = {.call = (unsigned)_i};

	for (one.error = 0; one.error < sizeof(errors) / sizeof(*errors); one.error++)
		for (one.when = 0; one.when < sizeof(whens) / sizeof(*whens); one.when++)
			for (one.scope = 0; one.scope < 3; one.scope++)
				for (one.way = 0; one.way < 4; one.way++)
					check_one(&one);
}
END_TEST

/* ftok is no system call. */
START_TEST(each_effect_is_what_it_says_by_name_and_through_syscall)
{
	struct one one = {.call = (unsigned)_i, .error = 1};
	unsigned routes_count = calls[_i].event == CALL_FTOK ? 1 : 2;

	for (one.route = 0; one.route < routes_count; one.route++)
		for (one.effect = 0; one.effect < sizeof(effects) / sizeof(*effects); one.effect++)
			for (one.when = 0; one.when < sizeof(whens) / sizeof(*whens); one.when++)
				for (one.scope = 0; one.scope < 2; one.scope++)
					for (one.way = 0; one.way < 3; one.way++)
						check_one(&one);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("product");
	TCase *tcase = tcase_create("call, errno, when, scope, way");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, each_call_fails_where_when_and_as_the_rule_says, 0,
			    sizeof(calls) / sizeof(*calls));
	tcase_add_loop_test(tcase, each_effect_is_what_it_says_by_name_and_through_syscall, 0,
			    sizeof(calls) / sizeof(*calls));
	suite_add_tcase(suite, tcase);
	return suite_run(suite);
}
