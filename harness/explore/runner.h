// SPDX-License-Identifier: MIT
// explore: runs the program once in a worker process, and brings back what it showed.
#ifndef SHMCHECK_HARNESS_EXPLORE_RUNNER_H
#define SHMCHECK_HARNESS_EXPLORE_RUNNER_H

#include "harness/explore/output.h"
#include "harness/explore/trial.h"
#include "harness/launch/launch.h"

#include <sys/types.h>

enum { TRIAL_RULES = 4 }; /* as many as DEPTH_MAX */

struct trial_request {
	const struct launch_options *launch; /* stdio, plan and folder are set here */
	const char *rules[TRIAL_RULES]; /* of the point and those before it; NULL: no more */
	const char *stdin_file; /* NULL: /dev/null */
	const char *copy; /* folder to copy and work in; NULL: where we are */
	const struct output_mask *masks; /* of standard output and standard error; NULL: none */
};

/* A run under way, in a process of its own: a namespace and a session are entered once in a process's life. */
struct runner {
	pid_t pid;
	int result; /* memory files; -1: none */
	int output[2]; /* what the program printed */
	int log; /* --log of that run */
};

/* Starts one. Returns 0 or -errno. */
int runner_start(const struct trial_request *request, struct runner *ret_runner);

/* Brings in the trial of a worker that has ended with STATUS. Returns 0 or -errno (the worker died). */
int runner_collect(const struct runner *runner, int status, struct trial *ret_trial);

/* Closes what RUNNER holds; it must have ended. */
void runner_close(struct runner *runner);

#endif
