// SPDX-License-Identifier: MIT
// shim: what its files share: the session, who we are, and the attribute of what is exported.
#ifndef SHMCHECK_SHIM_SHIM_H
#define SHMCHECK_SHIM_SHIM_H

#include "protocol/session.h"
#include "shim/raw_syscall.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define EXPORT              __attribute__((visibility("default")))
#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define ALWAYS_INLINE       inline __attribute__((always_inline))
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* The address space and image that we are in. Written at start-up, and by the one thread of a new child. */
struct identity {
	uint32_t serial, parent; /* of the session's count; parent 0: unknown */
	uint32_t image; /* execs so far */
	uint32_t children; /* atomic: number of the last forked or spawned child */
	pid_t pid;
	bool is_elsewhere; /* in another IPC namespace than the harness */
	bool is_foreign; /* in another PID namespace than the harness, or perhaps so */
	uint32_t role_ref;
	char role[ROLE_MAX];
};

/* One thread, in initial-exec TLS. In a vfork child it is the parent's, borrowed. */
struct thread {
	uint64_t
	    slot; /* block + 1 << 32 | next index; only this thread, and its signal handlers, change it */
	uint32_t serial; /* of the identity that pid and tid belong to */
	pid_t pid, tid; /* tid 0: to be asked for again */
	uint32_t fork_number; /* k of the child that is being forked */
	uint32_t
	    is_shared; /* after clone: a child may run on this memory beside us, ids are asked for each time */
	uint32_t is_elsewhere; /* this thread alone has entered another IPC namespace */
	uint64_t
	    guest; /* atomic: pid << 32 | block + 1 << 8 | next index, of a child that runs on this memory */
	uint64_t
	    handed; /* the call that one of our wrappers has handed to libc: its number and first argument */
};

extern struct session *shim_session; /* NULL: inert. Set once, before main */
extern struct identity shim_identity;
extern _Thread_local struct thread shim_thread;
/* Zero: a fork happened since. Lies on a page that the kernel wipes in a child (MADV_WIPEONFORK). */
extern uint32_t *shim_alive;

/* Takes up our place in the session: reads the environment, maps, announces the image. Idempotent. */
void shim_start(char **environment);

/* The same from a wrapper, before our constructor: another library may run first. Returns whether we are active. */
bool shim_start_early(void);

/* Maps SIZE bytes of FD, which must be a session; NULL when they are none. */
struct session *shim_map(int fd, uint64_t size);

/* We are in SESSION from now on, which PATH leads the next images to (NULL: nothing does). False when the kernel has no
 * way to tell us of a fork: better unseen than wrong. Once, before main or while there is one thread. */
bool shim_join(struct session *session, const char *path, char **environment);

/* A forked child takes an identity of its own and announces itself. */
void shim_enter_child(void);

/* Waits while the session's gate is closed: what stands before is done early, while another run is under way. */
void shim_pass_gate(void);

/* A run of the fork server begins, in its child: this process is the program's first, as if it had just been started. */
void shim_begin_run(void);

/* Whether ours is the program's first image and nothing of it was recorded but its start. */
bool shim_is_untouched(void);

/* Whether there is somebody to record for; sees to a new child first. */
static inline bool shim_is_active(void)
{
	if (UNLIKELY(!shim_session) && !shim_start_early())
		return false;
	if (UNLIKELY(__atomic_load_n(shim_alive, __ATOMIC_RELAXED) == 0))
		shim_enter_child();
	return true;
}

/* This thread may have changed its IPC namespace: that of its process, as those see it who come after, when it is the first;
 * otherwise its own. */
void shim_find_namespace(void);

/* CLOCK_MONOTONIC, whatever the session's clock is. */
uint64_t shim_monotonic(void);

/* The session's clock. EARLY: it may be read before what stands in front has ended. */
static inline uint64_t shim_now(bool early)
{
	const struct session_clock *clock = &shim_session->clock;
	if (UNLIKELY(!clock->rate))
		return shim_monotonic();
	return clock_ns(clock, early ? clock_ticks_early() : clock_ticks());
}

#endif
