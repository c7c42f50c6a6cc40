// SPDX-License-Identifier: MIT
// explore: runs the program once in a worker process, and brings back what it showed.
#include "runner.h"

#include "harness/explore/folder.h"
#include "harness/explore/watch.h"
#include "harness/log/log.h"
#include "protocol/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void trial_free(struct trial *trial)
{
	free(trial->calls);
	free(trial->left);
	free(trial->misuses);
	*trial = (struct trial){0};
}

enum {
	POINT_SLOTS = 4096, /* processes that a point's count can tell apart */
	LOG_MOST = 100000, /* records of a run that are kept */
	LOG_LAST = 64 /* and of a longer run's the last ones */
};

/* Where a worker's records go. */
struct intake {
	struct ledger *ledger;
	struct watch watch;
	struct log_writer *log;
	size_t logged, beyond;
	struct record last[LOG_LAST]; /* number n behind LOG_MOST is at n % LOG_LAST */
};

/* A program that tries for ever must not fill the memory with its log. */
static int keep_log(struct intake *intake, const struct record *records, size_t count)
{
	size_t room = LOG_MOST - intake->logged, now = count < room ? count : room;
	for (size_t i = now; i < count; i++)
		intake->last[intake->beyond++ % LOG_LAST] = records[i];
	intake->logged += now;
	return log_writer_records(intake->log, records, now);
}

static int finish_log(struct intake *intake, const struct launch_result *result)
{
	int code = 0;
	size_t first = intake->beyond > LOG_LAST ? intake->beyond - LOG_LAST : 0;
	for (size_t i = first; !code && i < intake->beyond; i++)
		code = log_writer_records(intake->log, &intake->last[i % LOG_LAST], 1);
	return code ? code
		    : log_writer_finish(intake->log, result->arena, result->arena_size, &result->evidence);
}

static int take(void *context, const struct record *records, size_t count)
{
	struct intake *intake = context;
	for (size_t i = 0; i < count; i++) {
		int code = ledger_apply(intake->ledger, &records[i]);
		if (!code)
			code = watch_take(&intake->watch, &records[i]);
		if (code)
			return code;
	}
	return keep_log(intake, records, count);
}

/* The rules of REQUEST, compiled; NULL when there are none or memory is short. They were checked before. */
static struct plan *make_plan(const struct trial_request *request, uint64_t *ret_size)
{
	if (!request->rules[0])
		return NULL;
	uint64_t size = plan_size(POINT_SLOTS);
	struct plan *plan = aligned_alloc(64, (size + 63) & ~UINT64_C(63));
	struct plan_error error;
	if (!plan || plan_init(plan, size, 0))
		return NULL;
	for (unsigned i = 0; i < TRIAL_RULES && request->rules[i]; i++)
		if (plan_parse(plan, request->rules[i], strlen(request->rules[i]), &error))
			return NULL;
	*ret_size = size;
	return plan;
}

static int judge(struct intake *intake, struct launch_result *result, struct trial *trial)
{
	struct evidence *evidence = &result->evidence;
	struct findings findings = {0};
	ledger_texts(intake->ledger, result->arena, result->arena_size);
	int code = ledger_doubts(intake->ledger, evidence);
	if (!code)
		code = ledger_judge(intake->ledger, evidence, &findings);
	struct stacks *stacks = code ? NULL : stacks_new(result->arena, result->arena_size);
	if (stacks)
		code = watch_finish(&intake->watch, intake->ledger, &findings, stacks, result->arena,
				    result->arena_size, trial);
	else
		code = code ? code : -ENOMEM;
	stacks_free(stacks);
	findings_free(&findings);
	trial->status = evidence->program_status;
	trial->timed_out = evidence->timed_out;
	trial->lost = evidence->lost_events || evidence->bad_records;
	trial->entered = evidence->doubt_count == 0;
	if (evidence->doubt_count)
		snprintf(trial->why, sizeof trial->why, "%s", evidence->doubts[0]);
	trial->duration_ns = evidence->end_ns - evidence->begin_ns;
	return code ? code : finish_log(intake, result);
}

static uint64_t hash_file(int fd, const struct output_mask *mask)
{
	struct output output;
	if (output_read(fd, &output))
		return 0;
	uint64_t hash = output_hash(&output, mask);
	output_free(&output);
	return hash;
}

static int write_all(int fd, const void *bytes, size_t length)
{
	for (const char *next = bytes; length;) {
		ssize_t put = write(fd, next, length);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -EIO;
		next += put;
		length -= (size_t)put;
	}
	return 0;
}

static int write_trial(int fd, const struct trial *trial)
{
	int code = write_all(fd, trial, sizeof *trial);
	if (!code)
		code = write_all(fd, trial->calls, trial->call_count * sizeof *trial->calls);
	if (!code)
		code = write_all(fd, trial->left, trial->left_count * sizeof *trial->left);
	if (!code)
		code = write_all(fd, trial->misuses, trial->misuse_count * sizeof *trial->misuses);
	return code;
}

/* One run, in the worker. */
static int run(const struct trial_request *request, const struct runner *runner, const char *folder,
	       struct trial *trial)
{
	struct launch_options options = *request->launch;
	struct intake intake = {.ledger = ledger_new()};
	struct launch_result result = {0};
	char path[64], why[512] = "";
	snprintf(path, sizeof path, "/proc/self/fd/%d", runner->log);
	const char *input = request->stdin_file ? request->stdin_file : "/dev/null";
	int stdio[] = {open(input, O_RDONLY | O_CLOEXEC), runner->output[0], runner->output[1]};
	if (stdio[0] < 0)
		return -errno;
	int code = intake.ledger ? log_writer_open(path, &intake.log) : -ENOMEM;
	options.stdio = stdio;
	options.folder = folder;
	options.plan = make_plan(request, &options.plan_size);
	if (!code && request->rules[0] && !options.plan)
		code = -ENOMEM;
	if (!code)
		code = launch(&options, take, &intake, &result, why);
	if (code)
		snprintf(trial->why, sizeof trial->why, "%s", why);
	trial->exec_errno = result.exec_errno;
	if (!code && !result.exec_errno)
		code = judge(&intake, &result, trial);
	trial->output = hash_file(runner->output[0], request->masks ? &request->masks[0] : NULL);
	trial->errors = hash_file(runner->output[1], request->masks ? &request->masks[1] : NULL);
	return code;
}

static void work(const struct trial_request *request, const struct runner *runner)
{
	struct trial trial = {0};
	char folder[FOLDER_PATH_MAX] = "";
	int code = request->copy ? folder_copy(request->copy, folder) : 0;
	if (!code)
		code = run(request, runner, request->copy ? folder : NULL, &trial);
	if (request->copy)
		folder_remove(folder);
	trial.tool_errno = -code;
	_exit(write_trial(runner->result, &trial) ? EXIT_FAILURE : EXIT_SUCCESS);
}

void runner_close(struct runner *runner)
{
	int *const files[] = {&runner->result, &runner->output[0], &runner->output[1], &runner->log};
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
		if (*files[i] >= 0)
			close(*files[i]);
		*files[i] = -1;
	}
}

int runner_start(const struct trial_request *request, struct runner *ret_runner)
{
	struct runner runner = {.result = memfd_create("shmcheck-trial", MFD_CLOEXEC),
				.output = {memfd_create("shmcheck-stdout", MFD_CLOEXEC),
					   memfd_create("shmcheck-stderr", MFD_CLOEXEC)},
				.log = memfd_create("shmcheck-log", MFD_CLOEXEC)};
	int code = 0;
	if (runner.result < 0 || runner.output[0] < 0 || runner.output[1] < 0 || runner.log < 0)
		code = -EMFILE;
	fflush(NULL);
	runner.pid = code ? -1 : fork();
	if (runner.pid == 0)
		work(request, &runner);
	if (!code && runner.pid < 0)
		code = -errno;
	if (code)
		runner_close(&runner);
	else
		*ret_runner = runner;
	return code;
}

/* COUNT items of SIZE bytes from OFFSET of FD; NULL when they are not all there. */
static void *read_items(int fd, size_t count, size_t size, off_t *offset)
{
	if (count > SIZE_MAX / 2 / size)
		return NULL;
	char *items = calloc(count + 1, size);
	size_t length = count * size, got = 0;
	while (items && got < length) {
		ssize_t more = pread(fd, items + got, length - got, *offset + (off_t)got);
		if (more <= 0) {
			free(items);
			return NULL;
		}
		got += (size_t)more;
	}
	*offset += (off_t)length;
	return items;
}

int runner_collect(const struct runner *runner, int status, struct trial *ret_trial)
{
	struct trial trial;
	off_t offset = sizeof trial;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    pread(runner->result, &trial, sizeof trial, 0) != sizeof trial)
		return -ECHILD;
	trial.calls = read_items(runner->result, trial.call_count, sizeof *trial.calls, &offset);
	trial.left = read_items(runner->result, trial.left_count, sizeof *trial.left, &offset);
	trial.misuses = read_items(runner->result, trial.misuse_count, sizeof *trial.misuses, &offset);
	if (!trial.calls || !trial.left || !trial.misuses) {
		trial_free(&trial);
		return -ENOMEM;
	}
	*ret_trial = trial;
	return 0;
}
