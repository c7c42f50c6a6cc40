// SPDX-License-Identifier: MIT
// scenario: one run of a scenario in a process of its own, and what it showed.
#include "run.h"

#include "expect.h"
#include "explore.h"
#include "harness/analyze/ledger.h"
#include "harness/analyze/plan_findings.h"
#include "harness/launch/launch.h"
#include "harness/launch/session_file.h"
#include "harness/launch/supervise.h"
#include "harness/log/log.h"
#include "harness/user_file.h"
#include "locate.h"
#include "stage.h"
#include "work_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the worker works with. */
struct work {
	const struct ready *ready;
	struct stage stage;
	struct ledger *ledger;
	struct log_writer *log;
	struct launch_program *programs;
	int (*stdio)[3];
};

static int take(void *context, const struct record *records, size_t count)
{
	struct work *work = context;
	for (size_t i = 0; i < count; i++) {
		int code = ledger_apply(work->ledger, &records[i]);
		if (code)
			return code;
	}
	return log_writer_records(work->log, records, count);
}

static int open_file(const char *name, const char *folder)
{
	char path[PATH_MAX];
	int code = locate_file(name, folder, path), fd = -1;
	code = code ? code : user_file_check_input(path);
	if (!code && (fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		code = -errno;
	return code ? code : fd;
}

static int open_input(const struct ready *ready, const struct scenario_process *process)
{
	if (process->input_file)
		return open_file(process->input_file, ready->play.script->folder);
	if (!process->input)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	int fd = memfd_create("stdin", MFD_CLOEXEC);
	size_t length = strlen(process->input);
	if (fd >= 0 && (write(fd, process->input, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET)))
		return -EIO;
	return fd < 0 ? -errno : fd;
}

/* Each part has an input and two outputs of its own. */
static int open_stdio(struct work *work, char why[512])
{
	const struct ready *ready = work->ready;
	size_t count = ready->parts->count;
	work->stdio = calloc(count, sizeof *work->stdio);
	work->programs = calloc(count, sizeof *work->programs);
	if (!work->stdio || !work->programs)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int *files = work->stdio[i];
		files[0] = open_input(ready, ready->parts->list[i].process);
		files[1] = memfd_create("stdout", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		files[2] = memfd_create("stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (files[0] < 0 && ready->parts->list[i].process->input_file) {
			snprintf(why, 512, "%s: its stdin-file '%.200s' cannot be read: %s",
				 ready->parts->list[i].role, ready->parts->list[i].process->input_file,
				 user_file_error(files[0]));
			return files[0];
		}
		if (files[0] < 0 || files[1] < 0 || files[2] < 0) {
			int code = files[0] < 0 ? files[0] : -EMFILE;
			snprintf(why, 512, "%s: its input and outputs cannot be opened: %s",
				 ready->parts->list[i].role, strerror(-code));
			return code;
		}
		work->programs[i] = ready->programs[i];
		work->programs[i].stdio = files;
	}
	return 0;
}

static int find(struct work *work, struct launch_result *launched, struct findings *findings)
{
	struct evidence *evidence = &launched->evidence;
	ledger_texts(work->ledger, launched->arena, launched->arena_size);
	int code = ledger_doubts(work->ledger, evidence);
	code = code ? code : ledger_judge(work->ledger, evidence, findings);
	if (!code && evidence->plan)
		code = plan_findings(evidence->plan, findings);
	if (!code && evidence->plan)
		code = plan_doubts(evidence->plan, evidence);
	findings_sort(findings);
	return code ? code : log_writer_finish(work->log, launched->arena, launched->arena_size, evidence);
}

/* What was expected comes first: a doubt does not hide a failure. */
static int judge(struct work *work, struct launch_result *launched, struct run_result *result)
{
	struct findings findings = {0};
	struct lines lines = {result->details, sizeof result->details, 0};
	struct outcome_of_run run = {.ready = work->ready,
				     .stage = &work->stage,
				     .evidence = &launched->evidence,
				     .findings = &findings,
				     .stdio = (const int(*)[3])work->stdio};
	int code = find(work, launched, &findings);
	if (!code)
		expect_check(&run, &lines, &result->is_beyond);
	result->outcome = lines.length ? OUTCOME_FAIL : OUTCOME_PASS;
	if (!lines.length && launched->evidence.doubt_count)
		result->outcome = OUTCOME_INCONCLUSIVE;
	for (size_t i = 0; i < launched->evidence.doubt_count; i++)
		lines_put(&lines, "inconclusive: %s\n", launched->evidence.doubts[i]);
	memcpy(result->found, run.found, sizeof result->found);
	memcpy(result->is_unexpected, run.is_unexpected, sizeof result->is_unexpected);
	result->segments_left = run.segments_left;
	result->duration_ns = launched->evidence.end_ns - launched->evidence.begin_ns;
	findings_free(&findings);
	return code;
}

static int perform(const struct ready *ready, const struct run *run, struct run_result *result, char why[512])
{
	struct work work = {.ready = ready, .ledger = ledger_new()};
	struct launch_result launched = {0};
	char path[64];
	snprintf(path, sizeof path, "/proc/self/fd/%d", run->log);
	int code = work.ledger ? log_writer_open(path, &work.log) : -ENOMEM;
	code = code ? code : stage_new(&ready->play, ready->parts, ready->order, &work.stage);
	work.stage.has_users = ready->has_users;
	code = code ? code : open_stdio(&work, why);
	if (code)
		return code;
	struct launch_options options;
	ready_launch(ready, work.programs, &work.stage.director, &options);
	options.session_told = run->session;
	code = launch(&options, take, &work, &launched, why);
	signal(SIGTERM, SIG_IGN); /* there is nothing to be ended any more */
	return code ? code : judge(&work, &launched, result);
}

static void work(const struct ready *ready, const struct run *run, pid_t boss)
{
	struct run_result *result = calloc(1, sizeof *result);
	char why[512] = "";
	signal(SIGTERM, SIG_DFL);
	if (!result || !supervise_goes_with(boss, SIGTERM))
		_exit(EXIT_FAILURE);
	int code = run->explores ? explore_scenario(ready, result, why) : perform(ready, run, result, why);
	work_folder_remove(ready->play.work);
	if (getppid() != boss) /* who would have removed that */
		work_folder_remove_parent(ready->play.work);
	if (code) {
		result->outcome = OUTCOME_INCONCLUSIVE;
		snprintf(result->details, sizeof result->details, "inconclusive: %s\n",
			 why[0] ? why : strerror(-code));
	}
	_exit(write(run->result, result, sizeof *result) == sizeof *result ? EXIT_SUCCESS : EXIT_FAILURE);
}

void run_close(struct run *run)
{
	if (run->result >= 0)
		close(run->result);
	if (run->log >= 0)
		close(run->log);
	if (run->session)
		munmap(run->session, SESSION_PATH_MAX);
	run->session = NULL;
	run->result = run->log = -1;
}

int run_start(const struct ready *ready, bool explores, struct run *ret_run)
{
	struct run run = {.explores = explores,
			  .result = memfd_create("shmcheck-result", MFD_CLOEXEC),
			  .log = memfd_create("shmcheck-log", MFD_CLOEXEC)};
	int code = run.result < 0 || run.log < 0 ? -EMFILE : 0;
	void *session =
	    mmap(NULL, SESSION_PATH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (session != MAP_FAILED)
		run.session = session;
	else
		code = -errno;
	fflush(NULL);
	pid_t us = getpid();
	run.pid = code ? -1 : fork();
	if (run.pid == 0)
		work(ready, &run, us);
	if (!code && run.pid < 0)
		code = -errno;
	if (code)
		run_close(&run);
	else
		*ret_run = run;
	return code;
}

bool run_is_broken(int status)
{
	return !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS;
}

void run_collect(const struct run *run, int status, struct run_result *ret_result)
{
	if (!run_is_broken(status) &&
	    pread(run->result, ret_result, sizeof *ret_result, 0) == sizeof *ret_result)
		return;
	*ret_result = (struct run_result){.outcome = OUTCOME_INCONCLUSIVE};
	snprintf(ret_result->details, sizeof ret_result->details,
		 "inconclusive: the process that ran it broke (wait status %#x)\n", (unsigned)status);
}
