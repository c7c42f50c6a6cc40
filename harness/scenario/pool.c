// SPDX-License-Identifier: MIT
// scenario: many scenarios, several at a time.
#include "pool.h"

#include "harness/clock.h"
#include "harness/launch/session_file.h"
#include "harness/launch/tree.h"
#include "work_folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

struct job {
	struct run run;
	struct task *task; /* NULL: idle */
	uint64_t begin_ns;
};

struct pool {
	struct task *tasks;
	size_t count, next, done;
	struct job jobs[POOL_JOBS];
	unsigned busy;
	bool is_ending;
	const struct pool_settings *settings;
};

static int start(struct pool *pool, struct job *job, struct task *task)
{
	job->begin_ns = clock_now_ns();
	int code = run_start(task->ready, task->explores, &job->run);
	if (code)
		return code;
	job->task = task;
	pool->busy++;
	return 0;
}

/* As many as may run at a time. */
static int start_some(struct pool *pool)
{
	int code = 0;
	for (unsigned i = 0; !code && i < pool->settings->jobs && i < POOL_JOBS; i++) {
		if (pool->jobs[i].task || pool->next == pool->count || *pool->settings->stop)
			continue;
		code = start(pool, &pool->jobs[i], &pool->tasks[pool->next]);
		pool->next += !code;
	}
	return code;
}

/* One that broke leaves us its programs, which are ended. The workers of an exploration end them by themselves. */
static void bury(const struct pool *pool, const struct task *task, const struct run *run)
{
	pid_t others[POOL_JOBS];
	size_t count = 0;
	for (unsigned i = 0; i < POOL_JOBS; i++)
		if (pool->jobs[i].task && pool->jobs[i].task != task)
			others[count++] = pool->jobs[i].run.pid;
	tree_end_children(others, count, run->explores ? PATIENCE_MS : 0);
	session_file_forget(run->session);
	work_folder_remove(task->ready->play.work);
}

/* Its runs are made one after another: they share a folder. */
static int finish(struct pool *pool, struct job *job, int status)
{
	struct task *task = job->task;
	if (run_is_broken(status))
		bury(pool, task, &job->run);
	run_collect(&job->run, status, &task->result);
	task->duration_ns += clock_now_ns() - job->begin_ns;
	task->runs += !task->explores;
	bool has_passed = task->result.outcome == OUTCOME_PASS;
	if (!has_passed)
		task->log = dup(job->run.log);
	run_close(&job->run);
	job->task = NULL;
	pool->busy--;
	if (*pool->settings->stop && !has_passed) /* it may have failed for being interrupted */
		return 0;
	bool has_explored = task->explores || !task->ready->play.scenario->explore;
	task->explores = has_passed && task->runs == task->wanted && !has_explored;
	if (has_passed && (task->runs < task->wanted || task->explores))
		return *pool->settings->stop ? 0 : start(pool, job, task);
	task->is_over = true;
	pool->done++;
	return 0;
}

/* The user wants it to end: what runs is told so, once, and ends as it can. */
static void end_all(struct pool *pool)
{
	for (unsigned i = 0; !pool->is_ending && i < POOL_JOBS; i++)
		if (pool->jobs[i].task)
			kill(pool->jobs[i].run.pid, SIGTERM);
	pool->is_ending = true;
}

int pool_run(struct task *tasks, size_t count, const struct pool_settings *settings)
{
	struct pool pool = {.tasks = tasks, .count = count, .settings = settings};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	int code = start_some(&pool);
	while (pool.busy) {
		int status;
		settings->progress(settings->context, pool.done, count);
		pid_t pid = waitpid(-1, &status, 0);
		if (pid < 0 && errno != EINTR)
			return -errno;
		if (*settings->stop)
			end_all(&pool);
		for (unsigned i = 0; pid > 0 && i < POOL_JOBS; i++)
			if (pool.jobs[i].task && pool.jobs[i].run.pid == pid) {
				int failed = finish(&pool, &pool.jobs[i], status);
				code = code ? code : failed;
				break;
			}
		if (!code)
			code = start_some(&pool);
	}
	settings->progress(settings->context, pool.done, count);
	return code;
}
