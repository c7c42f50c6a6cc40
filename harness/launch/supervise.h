// SPDX-License-Identifier: MIT
// launch: PROGRAM from its start to the death of its last descendant.
#ifndef SHMCHECK_HARNESS_LAUNCH_SUPERVISE_H
#define SHMCHECK_HARNESS_LAUNCH_SUPERVISE_H

#include "harness/launch/cast.h"
#include "harness/launch/crash.h"

#include <signal.h>
#include <sys/resource.h>

/* What this process was started with, and the program is to be started with. */
struct inherited {
	sigset_t mask;
	struct sigaction child_action, pipe_action, file_action;
	struct rlimit files, file_size;
};

/* Blocks the signals that supervise() takes, makes us a subreaper, raises our own limits. Before any thread. */
void supervise_prepare(struct inherited *ret_inherited);

/* From now on the caller gets SIGNAL when PARENT, its parent, dies. False: it is dead already. Async-signal-safe. */
bool supervise_goes_with(pid_t parent, int signal);

/* Whether SIGTERM, one of those, waits to be taken: nobody wants what is under way. */
bool supervise_is_unwanted(void);

/* Undoes it, but for what the reports still need: a full pipe or file is an error to be told, not a death. */
void supervise_restore(const struct inherited *inherited);

/* In a child before its exec: gives it what this process was started with. Async-signal-safe. */
void supervise_hand_back(const struct inherited *inherited);

/* Starts PROGRAM in ENVIRONMENT, with STDIO where it names none of its own. Returns its pid; 0 where it never ran, with the
 * errno of its exec in *RET_EXEC_ERRNO; or -errno where no process could be had for it. */
pid_t supervise_spawn(const struct launch_program *program, const struct launch_options *options,
		      char **environment, const struct inherited *inherited, struct crash_watch *crash,
		      int *ret_exec_errno);

/* Waits for the programs of CAST and then for their descendants, as its options say; fills status, timed_out, reaped
 * and survivors. Returns 0 or -errno; -ECANCELED: SIGTERM ended it before its time (kill_survivors). */
int supervise(struct cast *cast, struct evidence *evidence);

#endif
