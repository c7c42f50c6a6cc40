// SPDX-License-Identifier: MIT
// launch: the process that becomes a run's program, from its clone to its exec.
#ifndef SHMCHECK_HARNESS_LAUNCH_BIRTH_H
#define SHMCHECK_HARNESS_LAUNCH_BIRTH_H

#include "harness/launch/sandbox.h"
#include "harness/launch/supervise.h"
#include "protocol/session.h"

#include <stdbool.h>
#include <sys/types.h>

/* What it tells from before its exec. */
struct beginning {
	int error; /* 0, or why there is no program */
	bool is_exec; /* the exec failed, not what came before it */
	int table; /* the namespace's own /proc/sysvipc/shm, which outlives it; -1 */
};

/* Nothing that is pointed to is owned. */
struct birth {
	char *const *argv;
	char **environment;
	const struct sandbox *sandbox;
	const struct inherited *inherited;
	struct session *session;
	pid_t parent; /* the caller */
	const char *folder; /* where it starts; NULL: here */
	bool other_ids; /* the kernel gives other ids to segments than in a namespace that nobody used */
	struct beginning *beginning; /* shared with it, as long as we live */
	char *stack; /* its own until the exec */
};

/* The memory that its processes begin in, one after another. Returns 0 or -errno. */
int birth_prepare(struct birth *birth);

/* Comes back when it has become its program, or will not, which `beginning` tells. Where the session's gate is closed it goes
 * with us until it has passed that. Returns its pid or -errno. */
pid_t birth_start(struct birth *birth);

#endif
