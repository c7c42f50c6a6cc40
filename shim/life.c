// SPDX-License-Identifier: MIT
// shim: fork and exit, recorded.
#include "shim/life.h"

#include "shim/append.h"
#include "shim/order.h"
#include "shim/real.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

uint32_t life_next_child(void)
{
	return __atomic_add_fetch(&shim_identity.children, 1, __ATOMIC_RELAXED);
}

static pid_t watched_fork(pid_t (*next)(void))
{
	uint32_t number = life_next_child();
	struct entry entry = append_take(EVENT_FORK, 0);
	if (entry.record) {
		entry.record->args[0] = number;
		append_begin(&entry);
	}
	shim_thread.fork_number = number;
	pid_t child = next();
	int error = errno;
	if (child == 0) {
		/* an emulator may not wipe the page, and then nothing has told the child's atfork handlers */
		if (raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0) != shim_identity.pid)
			__atomic_store_n(shim_alive, 0, __ATOMIC_RELAXED);
		shim_is_active(); /* announces the child, if its atfork handlers have not */
		errno = error;
		return 0;
	}
	shim_thread.fork_number = 0;
	struct record *record = append_result(&entry);
	if (record) {
		record->result = child;
		record->error = child == -1 ? error : 0;
		record->flags |= child == -1 ? RECORD_FAILED : 0;
		append_done(record);
	}
	errno = error;
	return child;
}

EXPORT pid_t fork(void)
{
	if (!shim_is_active() || !shim_real.fork)
		return shim_real.fork ? shim_real.fork() : (errno = ENOSYS, -1);
	return watched_fork(shim_real.fork);
}

EXPORT pid_t _Fork(void)
{
	if (!shim_is_active() || !shim_real._Fork)
		return shim_real._Fork ? shim_real._Fork() : (errno = ENOSYS, -1);
	return watched_fork(shim_real._Fork);
}

/* Its segments are others from now on. */
EXPORT int unshare(int flags)
{
	if (!shim_is_active())
		return shim_real.unshare(flags);
	int result = shim_real.unshare(flags);
	if (result == 0 && flags & CLONE_NEWIPC)
		shim_find_namespace();
	return result;
}

EXPORT int setns(int fd, int type)
{
	if (!shim_is_active())
		return shim_real.setns(fd, type);
	int result = shim_real.setns(fd, type);
	if (result == 0)
		shim_find_namespace();
	return result;
}

/* A child of clone(2) may have zeros where libc and we have what belongs to a thread: not even an errno is there then. */
static bool is_threadless(void)
{
	return !__builtin_thread_pointer();
}

/* Orphans fall to the harness instead of init, and many a program waits for getppid() == 1 to see that it is one. */
EXPORT pid_t getppid(void)
{
	pid_t parent =
	    shim_real.getppid ? shim_real.getppid() : (pid_t)raw_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
	if (!shim_session || parent == 0 || parent != shim_session->reaper || shim_identity.is_foreign)
		return parent;
	if (is_threadless() || !shim_is_active())
		return parent;
	bool is_program = !strchr(shim_identity.role, '@'); /* its own child */
	return is_program ? parent : 1;
}

static void record_exit(uint64_t status)
{
	if (is_threadless() || !shim_is_active())
		return;
	int error = errno;
	struct order_ticket ticket = {0}; /* an exit is passed when the harness sees the death */
	if (UNLIKELY(order_is_used()))
		order_reach(&ticket, EVENT_EXIT, NULL, NULL);
	struct entry entry = append_take(EVENT_EXIT, 0);
	if (entry.record) {
		entry.record->args[0] = status;
		append_begin(&entry);
		append_done(entry.record);
	}
	errno = error;
}

static __attribute__((noreturn)) void leave(int status)
{
	for (;;)
		raw_syscall(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

EXPORT __attribute__((noreturn)) void _exit(int status)
{
	record_exit((uint32_t)status);
	if (shim_real._exit)
		shim_real._exit(status);
	leave(status);
}

EXPORT __attribute__((noreturn)) void _Exit(int status)
{
	record_exit((uint32_t)status);
	if (shim_real._Exit)
		shim_real._Exit(status);
	leave(status);
}

EXPORT __attribute__((noreturn)) void quick_exit(int status)
{
	record_exit((uint32_t)status);
	if (shim_real.quick_exit)
		shim_real.quick_exit(status);
	leave(status);
}

/* Runs before the destructors of the program's libraries: an announcement, no more. */
static __attribute__((destructor)) void end(void)
{
	record_exit(UINT32_MAX);
}
