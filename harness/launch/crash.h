// SPDX-License-Identifier: MIT
// launch: how processes of the tree crash: seen by ptrace(2), without a signal handler in the program.
#ifndef SHMCHECK_HARNESS_LAUNCH_CRASH_H
#define SHMCHECK_HARNESS_LAUNCH_CRASH_H

#include "harness/analyze/evidence.h"
#include "protocol/arena.h"

#include <stdbool.h>
#include <sys/types.h>

struct crash_watch;

/* Whether this process may trace its children: 0 or -errno. */
int crash_watch_try(void);

/* Returns 0, or -errno with WHY where this process may not trace its children, which is tried. All other functions take
 * NULL as "nothing is watched". */
int crash_watch_new(struct crash_watch **ret_watch, char why[512]);

/* Seizes PID (ptrace(2), PTRACE_SEIZE), which has one thread and waits, and with it every thread and process that will
 * come from it. The calling thread is the tracer: it must make the calls below. A failure is told as a doubt. */
void crash_watch_seize(struct crash_watch *watch, pid_t pid);

/* Takes a STATUS that waitpid(2) gave for TID, with WUNTRACED or __WALL or without. True: it was a stop, and TID runs on,
 * or the end of a thread. False: a process is dead, and its status is the caller's to note. */
bool crash_watch_takes(struct crash_watch *watch, pid_t tid, int status);

/* Lets go of all that live. */
void crash_watch_release(struct crash_watch *watch);

/* Adds the crashes that processes died of to EVIDENCE, and their stacks to ARENA. Returns 0 or -ENOMEM. */
int crash_watch_tell(const struct crash_watch *watch, struct arena *arena, struct evidence *evidence);

void crash_watch_free(struct crash_watch *watch);

#endif
