// SPDX-License-Identifier: MIT
// tests: writes event logs and kernel tables by hand, and asks the ledger about them.
#ifndef SHMCHECK_TESTS_RECORD_BUILDER_H
#define SHMCHECK_TESTS_RECORD_BUILDER_H

#include "harness/analyze/ledger.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#define BUILDER __attribute__((unused)) static

enum { BUILT_RECORDS = 8192, BUILT_SEGMENTS = 64, PID_OF_ONE = 1000, PAGE = 4096 };

/* One recorded run. Each new record begins after the one before it has ended; `at` moves it elsewhere. */
static struct record built[BUILT_RECORDS];
static size_t built_count;
static uint64_t built_now;
static struct kernel_segment built_before[BUILT_SEGMENTS], built_after[BUILT_SEGMENTS];
static struct evidence evidence;
static struct findings findings;
static struct ledger *built_ledger;

BUILDER void builder_reset(void)
{
	memset(built, 0, built_count * sizeof(*built));
	built_count = 0;
	built_now = 1000;
	evidence = (struct evidence){.program_pid = PID_OF_ONE + 1};
	evidence.before.segments = built_before;
	evidence.after.segments = built_after;
	findings_free(&findings);
	ledger_free(built_ledger);
	built_ledger = NULL;
}

/* PROCESS n has pid 1000 + n. */
BUILDER struct record *event(uint16_t what, uint32_t process)
{
	struct record *record = &built[built_count++];

	ck_assert_uint_le(built_count, BUILT_RECORDS);
	record->state = RECORD_DONE;
	record->event = what;
	record->process = process;
	record->pid = record->tid = (int32_t)(PID_OF_ONE + process);
	record->begin_ns = built_now += 10;
	record->end_ns = built_now += 10;
	return record;
}

BUILDER struct record *at(struct record *record, uint64_t begin_ns, uint64_t end_ns)
{
	record->begin_ns = begin_ns;
	record->end_ns = end_ns;
	return record;
}

BUILDER struct record *failed(struct record *record, int error)
{
	record->flags |= RECORD_FAILED;
	record->error = error;
	record->result = -1;
	return record;
}

BUILDER struct record *injected(struct record *record, int error)
{
	record->flags |= RECORD_INJECTED;
	record->rule = 1;
	return failed(record, error);
}

BUILDER struct record *begun(struct record *record)
{
	record->state = RECORD_BEGUN;
	record->flags |= RECORD_LIVE;
	record->end_ns = 0;
	record->result = 0;
	return record;
}

BUILDER struct record *stacked(struct record *record, uint32_t stack)
{
	record->stack = stack;
	return record;
}

BUILDER struct record *start(uint32_t process, enum start_how how, uint32_t parent)
{
	struct record *record = event(EVENT_START, process);

	record->args[0] = how;
	record->args[1] = parent;
	return record;
}

BUILDER struct record *forked(uint32_t parent, uint32_t child)
{
	struct record *record = event(EVENT_FORK, parent);

	record->result = PID_OF_ONE + child;
	return record;
}

BUILDER struct record *get(uint32_t process, int32_t key, uint64_t size, int flags, int shmid)
{
	struct record *record = event(CALL_SHMGET, process);

	record->args[0] = (uint64_t)(int64_t)key;
	record->args[1] = size;
	record->args[2] = (uint64_t)(int64_t)flags;
	record->result = shmid;
	return record;
}

BUILDER struct record *made(uint32_t process, int32_t key, uint64_t size, int shmid)
{
	struct record *record = get(process, key, size, IPC_CREAT | 0600, shmid);

	record->flags |= RECORD_CREATED;
	return record;
}

BUILDER struct record *attach(uint32_t process, int shmid, uint64_t address)
{
	struct record *record = event(CALL_SHMAT, process);

	record->args[0] = (uint64_t)(int64_t)shmid;
	record->result = (int64_t)address;
	record->detail[0] = PAGE;
	return record;
}

BUILDER struct record *detach(uint32_t process, uint64_t address)
{
	struct record *record = event(CALL_SHMDT, process);

	record->args[0] = address;
	return record;
}

BUILDER struct record *control(uint32_t process, int shmid, int command)
{
	struct record *record = event(CALL_SHMCTL, process);

	record->args[0] = (uint64_t)(int64_t)shmid;
	record->args[1] = (uint64_t)(int64_t)command;
	return record;
}

BUILDER struct record *removed(uint32_t process, int shmid)
{
	return control(process, shmid, IPC_RMID);
}

BUILDER struct record *token(uint32_t process, int proj_id, int32_t key, uint64_t inode, uint32_t text)
{
	struct record *record = event(CALL_FTOK, process);

	record->args[1] = (uint64_t)(int64_t)proj_id;
	record->result = key;
	record->detail[0] = 1;
	record->detail[1] = inode;
	record->text = text;
	return record;
}

BUILDER struct kernel_segment *in_table(struct kernel_table *table, uint32_t process, int32_t key,
					uint64_t bytes, int shmid)
{
	struct kernel_segment *segment = &table->segments[table->count++];

	ck_assert_uint_le(table->count, BUILT_SEGMENTS);
	*segment = (struct kernel_segment){
	    .key = key, .shmid = shmid, .mode = 0600, .bytes = bytes, .cpid = (pid_t)(PID_OF_ONE + process)};
	return segment;
}

BUILDER struct kernel_segment *left(uint32_t process, int32_t key, uint64_t bytes, int shmid)
{
	return in_table(&evidence.after, process, key, bytes, shmid);
}

static int by_begin(const void *left_side, const void *right_side)
{
	const struct record *a = left_side, *b = right_side;

	return (a->begin_ns > b->begin_ns) - (a->begin_ns < b->begin_ns);
}

BUILDER void judge(void)
{
	qsort(built, built_count, sizeof(*built), by_begin);
	ledger_free(built_ledger);
	findings_free(&findings);
	built_ledger = ledger_new();
	ck_assert_ptr_nonnull(built_ledger);
	for (size_t i = 0; i < built_count; i++)
		ck_assert_int_eq(ledger_apply(built_ledger, &built[i]), 0);
	ck_assert_int_eq(ledger_judge(built_ledger, &evidence, &findings), 0);
}

/* How often ID was found, folded ones counted one by one; *ret_first gets one of them. */
BUILDER uint64_t found(enum finding_id id)
{
	uint64_t count = 0;

	for (size_t i = 0; i < findings.count; i++)
		if (findings.list[i].id == id)
			count += findings.list[i].count;
	return count;
}

BUILDER const struct finding *first(enum finding_id id)
{
	for (size_t i = 0; i < findings.count; i++)
		if (findings.list[i].id == id)
			return &findings.list[i];
	ck_abort_msg("no %s", finding_row(id)->name);
}

/* How many were found at or above SEVERITY. */
BUILDER size_t found_above(enum severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < findings.count; i++)
		count += findings.list[i].severity >= severity;
	return count;
}

BUILDER int run_suite(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tcase, builder_reset, builder_reset);
	tcase_set_timeout(tcase, 60);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
