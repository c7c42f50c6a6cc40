// SPDX-License-Identifier: MIT
// launch: one run of a program under the shim, from the namespace to the last dead process.
#ifndef SHMCHECK_HARNESS_LAUNCH_LAUNCH_H
#define SHMCHECK_HARNESS_LAUNCH_LAUNCH_H

#include "harness/analyze/evidence.h"
#include "protocol/order.h"
#include "protocol/record.h"
#include "protocol/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum isolate { ISOLATE_AUTO, ISOLATE_IPC, ISOLATE_NONE };
enum { LINGER_MS = 5000 }; /* for descendants, when nobody says how long */

/* -1: as on the host. */
struct ipc_limits {
	int64_t shmmni, shmmax, shmall;
};

/* One of several programs of a run. */
struct launch_program {
	char **argv; /* NULL-terminated */
	const char *role;
	const int *stdio; /* three descriptors that become its 0, 1, 2; NULL: those of the options */
	const char *folder; /* where it starts; NULL: here */
	char *const *environment; /* NAME=VALUE: set, NAME: removed; NULL-terminated; NULL: nothing */
	const struct launch_user *user; /* NULL: ours */
	bool waits; /* the director starts it */
};

struct launch_user {
	const char *name; /* whose supplementary groups it has; NULL: none */
	uid_t uid;
	gid_t gid;
};

struct cast;

/* Decides in a run of several programs when each is started and when it is over. All are called by the thread that
 * called launch(). */
struct launch_director {
	void *context;
	/* In the namespace, before anything else there. 0, or -errno with WHY. */
	int (*prepare)(void *context, char why[512]);
	/* The order of the session, as it will be used; before the first start. */
	void (*begin)(void *context, struct order *order, struct cast *cast);
	/* A process has ended: a member of the cast, or an orphan of theirs. */
	void (*ended)(void *context, pid_t pid, int status);
	/* Something may have happened. Returns in how many ms it wants to look again; -1: when something happens. */
	int (*attend)(void *context);
	/* The deadline has come; nobody was killed yet. */
	void (*timed_out)(void *context);
	/* All are dead; the session's order is there for the last time. */
	void (*close)(void *context);
};

struct launch_options {
	char **argv; /* PROGRAM and arguments, NULL-terminated */
	const struct launch_program *programs; /* several, instead of argv, role, folder; NULL */
	size_t program_count;
	size_t program_main; /* whose status counts as that of the run */
	const struct launch_director *director; /* NULL: nobody */
	const struct order *order; /* that the director's programs are held to; NULL: none */
	enum isolate isolate;
	struct ipc_limits limits;
	enum stacks_mode stacks;
	int64_t timeout_ms; /* 0: none */
	int64_t linger_ms; /* -1: forever */
	bool kill_survivors; /* explore, scenario: nobody looks on; the programs have sessions of their own */
	bool watch_crashes; /* by ptrace(2), from the start: signals and forks take longer */
	bool passes_over_kernel_log; /* of crashes it has some or none, and from run to run others */
	bool fork_server; /* of a station: runs by fork where that is safe */
	const char *role; /* "main" */
	uint32_t sleep_scale_ppm;
	const void *plan; /* compiled rules for the session; NULL */
	size_t plan_size;
	const int *stdio; /* three descriptors that become the program's 0, 1, 2; NULL: ours */
	const char *folder; /* where the program starts; NULL: here */
	char *session_told; /* as for session_file_make; NULL */
};

/* Takes drained records, ordered by begin_ns. Called from the draining thread; 0, or -errno to stop. */
typedef int launch_sink(void *context, const struct record *records, size_t count);

struct launch_result {
	struct evidence evidence; /* owned */
	struct arena *arena; /* a copy; owned */
	uint64_t arena_size;
	int exec_errno; /* 0, or why PROGRAM could not be executed (nothing ran) */
};

/* Runs it. Returns 0 when the program ran or could not be executed (exec_errno); -errno when the tool itself
 * failed before the program started, with a sentence in WHY that says what to do about it. */
int launch(const struct launch_options *options, launch_sink *sink, void *context,
	   struct launch_result *ret_result, char why[512]);

void launch_result_free(struct launch_result *result);

#endif
