// SPDX-License-Identifier: MIT
// launch: the programs of one run: each started in its own way, and what became of them.
#ifndef SHMCHECK_HARNESS_LAUNCH_CAST_H
#define SHMCHECK_HARNESS_LAUNCH_CAST_H

#include "harness/launch/launch.h"
#include "harness/launch/target.h"

struct crash_watch;
struct inherited;

enum member_state { MEMBER_WAITING, MEMBER_RUNNING, MEMBER_ENDED };

struct member {
	const struct launch_program *program;
	struct target target;
	enum member_state state;
	pid_t pid; /* 0: not started */
	int status; /* as waitpid(2) gives it, when it has ended */
	bool has_entered; /* its first image announced itself */
};

struct cast {
	const struct launch_options *options;
	const struct inherited *inherited;
	struct crash_watch *crash; /* NULL: crashes are not watched */
	struct launch_program alone; /* the program that OPTIONS itself names */
	struct member *members; /* owned */
	size_t count;
	const char *library, *session; /* paths */
	bool is_stopped; /* the director wants the run to end now */
	int exec_errno; /* of the first that could not be executed: the run ends */
	size_t failed; /* which one that was */
};

/* Looks at all programs of OPTIONS. Returns 0 or -ENOMEM. */
int cast_new(const struct launch_options *options, struct cast *ret_cast);

/* Starts those that wait for nobody. Returns 0, or -errno of the tool. */
int cast_begin(struct cast *cast);

/* Starts member INDEX, which waits. Returns 0, or -errno of the tool; what its exec says is in exec_errno. */
int cast_start(struct cast *cast, size_t index);

/* The process PID has ended with STATUS; whether it was one of ours. */
bool cast_ended(struct cast *cast, pid_t pid, int status);

/* A process announced itself. */
void cast_entered(struct cast *cast, pid_t pid);

/* Whether all have ended: none runs, none waits for its start. */
bool cast_is_over(const struct cast *cast);

/* Sends SIGNAL to all that run. */
void cast_signal(const struct cast *cast, int signal);

void cast_free(struct cast *cast);

#endif
