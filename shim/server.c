// SPDX-License-Identifier: MIT
// shim: the fork server: the program, stopped before main, makes its runs by fork.
#include "shim/server.h"

#include "shim/arch.h"
#include "shim/shim.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#if defined(ARCH_X86_64)

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

enum { TIMERS = 64 }; /* a process numbers its own from 0 */

/* Written before main, by the one thread. */
static program_main *real_main;

/* Process of the harness. */
static long harness;

/* Where libc keeps this thread's id and its list of robust locks: the kernel forgets both in a fork past libc. */
static long tid_address, robust_list, robust_size;

program_main *server_choose(program_main *program)
{
	if (!shim_is_active() ||
	    __atomic_load_n(&shim_session->server.state, __ATOMIC_ACQUIRE) != SERVER_WANTED)
		return program;
	real_main = program;
	return server_main;
}

static void wake(uint32_t *word)
{
	raw_syscall(SYS_futex, (long)word, FUTEX_WAKE, INT32_MAX, 0, 0, 0);
}

static bool has_timer(void)
{
	struct itimerspec set;
	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		struct itimerval timer = {0};
		raw_syscall(SYS_getitimer, which, (long)&timer, 0, 0, 0, 0);
		if (timer.it_value.tv_sec || timer.it_value.tv_usec)
			return true;
	}
	for (long id = 0; id < TIMERS; id++)
		if (raw_syscall(SYS_timer_gettime, id, (long)&set, 0, 0, 0, 0) == 0)
			return true;
	return false;
}

/* What a child does not inherit, beside what the harness can see from outside. */
static bool has_attributes(void)
{
	int signal = 0, adopts = 0;
	raw_syscall(SYS_prctl, PR_GET_PDEATHSIG, (long)&signal, 0, 0, 0, 0);
	raw_syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, (long)&adopts, 0, 0, 0, 0);
	return signal || adopts;
}

/* The harness is our parent: with it we go. */
static enum server_refusal prepare(void)
{
	if (!shim_is_untouched())
		return REFUSAL_CALLS;
	if (has_timer())
		return REFUSAL_TIMER;
	if (has_attributes())
		return REFUSAL_ATTRIBUTES;
	if (raw_syscall(SYS_prctl, PR_GET_TID_ADDRESS, (long)&tid_address, 0, 0, 0, 0) || !tid_address ||
	    raw_syscall(SYS_get_robust_list, 0, (long)&robust_list, (long)&robust_size, 0, 0, 0) ||
	    raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0))
		return REFUSAL_KERNEL;
	harness = shim_session->server.pid;
	return raw_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0) == harness ? REFUSAL_NONE : REFUSAL_CHILDREN;
}

/* A namespace for the run; it is the server's too, until the next one, so that the harness can look into it. */
static long enter_namespace(void)
{
	struct stat status = {0};
	long code = raw_syscall(SYS_unshare, CLONE_NEWIPC, 0, 0, 0, 0, 0);
	if (!code)
		code =
		    raw_syscall(SYS_newfstatat, AT_FDCWD, (long)"/proc/self/ns/ipc", (long)&status, 0, 0, 0);
	if (!code)
		shim_session->ipc_namespace = status.st_ino;
	return code;
}

/* Past libc's fork: what the program registered for forks is not to run, there is none in a run by exec. The harness is
 * the child's parent, too. */
static long make_child(void)
{
	long flags = CLONE_PARENT | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
	long code = enter_namespace();
	if (code)
		return code;
	code = raw_syscall(SYS_clone, flags, 0, 0, tid_address, 0, 0);
	if (code == 0)
		raw_syscall(SYS_set_robust_list, robust_list, robust_size, 0, 0, 0, 0);
	return code;
}

static __attribute__((noreturn)) void leave(void)
{
	for (;;)
		raw_syscall(SYS_exit_group, 0, 0, 0, 0, 0, 0);
}

static uint32_t await_request(const uint32_t *asked, uint32_t seen)
{
	uint32_t now;
	while ((now = __atomic_load_n(asked, __ATOMIC_ACQUIRE)) == seen)
		raw_syscall(SYS_futex, (long)asked, FUTEX_WAIT, seen, 0, 0, 0);
	return now;
}

/* In the child. */
static void await_begin(void)
{
	raw_syscall(SYS_setsid, 0, 0, 0, 0, 0, 0);
	raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
	if (raw_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0) != harness)
		leave();
	shim_pass_gate();
}

program_main *server_serve(void)
{
	struct server_words *words = &shim_session->server;
	enum server_refusal refusal = prepare();
	uint32_t seen = __atomic_load_n(&words->asked, __ATOMIC_ACQUIRE);
	words->refusal = refusal;
	__atomic_store_n(&words->state, refusal ? SERVER_REFUSED : SERVER_READY, __ATOMIC_RELEASE);
	wake(&words->state);
	if (refusal)
		leave();
	for (;;) {
		seen = await_request(&words->asked, seen);
		long child = make_child();
		if (child == 0)
			break;
		words->pid = (int32_t)child;
		__atomic_store_n(&words->answered, seen, __ATOMIC_RELEASE);
		wake(&words->answered);
	}
	await_begin();
	shim_begin_run();
	return real_main;
}

#endif
