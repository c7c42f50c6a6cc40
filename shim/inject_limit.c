// SPDX-License-Identifier: MIT
// shim: lowers a limit of the run's own IPC namespace for the time of one shmget.
#include "shim/inject_limit.h"
#include "protocol/plan_text.h"
#include "shim/inject_denied.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ipc.h>
#include <sys/syscall.h>
#include <time.h>

enum { WAIT_MS = 2000, DIGITS = 24 };

static uint64_t self(void)
{
	uint64_t process = (uint64_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);

	return process << 32 | (uint64_t)raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
}

static bool is_dead(uint64_t holder)
{
	return raw_syscall(SYS_tgkill, (long)(holder >> 32), (long)(holder & 0xffffffff), 0, 0, 0, 0) ==
	       -ESRCH;
}

static const char *path_of(unsigned world)
{
	return world == WORLD_FULL ? "/proc/sys/kernel/shmmni" : "/proc/sys/kernel/shmmax";
}

static bool read_limit(const char *path, uint64_t *ret_value)
{
	char text[DIGITS];
	long fd = raw_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0), length;

	if (fd < 0)
		return false;
	length = raw_syscall(SYS_read, fd, (long)text, DIGITS, 0, 0, 0);
	raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	return length > 1 && word_decimal(word_of(text, (size_t)length - 1), ret_value) == 0;
}

static bool write_limit(const char *path, uint64_t value)
{
	char text[DIGITS];
	struct out out = {.text = text, .size = sizeof(text)};
	long fd = raw_syscall(SYS_openat, AT_FDCWD, (long)path, O_WRONLY | O_CLOEXEC, 0, 0, 0), written;

	if (fd < 0)
		return false;
	out_number(&out, value, 10);
	written = raw_syscall(SYS_write, fd, (long)text, (long)out.length, 0, 0, 0);
	raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	return written == (long)out.length;
}

/* What one who died in the window left lowered. */
static void put_back(struct plan *plan)
{
	if (plan->shmmni)
		write_limit(path_of(WORLD_FULL), plan->shmmni);
	if (plan->shmmax)
		write_limit(path_of(WORLD_SMALL), plan->shmmax);
	denied_put_back(plan);
}

/* Takes the window, from a dead holder too; waits for a living one. */
static bool enter(struct plan *plan)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	uint64_t mine = self();

	for (int i = 0; i < WAIT_MS; i++) {
		uint64_t holder = 0;

		if (__atomic_compare_exchange_n(&plan->window, &holder, mine, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
		if (holder == mine) /* a signal handler that interrupted the window */
			return false;
		if (is_dead(holder) && __atomic_compare_exchange_n(&plan->window, &holder, mine, false,
								   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			put_back(plan);
			return true;
		}
		raw_syscall(SYS_nanosleep, (long)&pause, 0, 0, 0, 0, 0);
	}
	return false;
}

static void count_change(struct plan *plan)
{
	__atomic_fetch_add(&plan->window_changes, 1, __ATOMIC_ACQ_REL);
}

bool limit_enter(struct plan *plan)
{
	if (!enter(plan))
		return false;
	count_change(plan);
	return true;
}

void limit_leave(struct plan *plan)
{
	count_change(plan);
	__atomic_store_n(&plan->window, 0, __ATOMIC_RELEASE);
}

static bool lower(struct plan *plan, const struct plan_call *call, unsigned world)
{
	if (!plan->shmmni && !read_limit(path_of(WORLD_FULL), &plan->shmmni))
		return false;
	if (!plan->shmmax && !read_limit(path_of(WORLD_SMALL), &plan->shmmax))
		return false;
	return write_limit(path_of(world), world == WORLD_FULL ? 0 : call->args[1] - 1);
}

bool limit_change(struct plan *plan, const struct plan_call *call, unsigned world)
{
	bool creates = (int32_t)call->args[0] == IPC_PRIVATE || (call->args[2] & IPC_CREAT);

	if (!creates || !call->args[1] || !limit_enter(plan))
		return false;
	if (lower(plan, call, world))
		return true;
	limit_leave(plan);
	return false;
}

void limit_restore(struct plan *plan, unsigned world)
{
	write_limit(path_of(world), world == WORLD_FULL ? plan->shmmni : plan->shmmax);
	limit_leave(plan);
}

uint64_t limit_watch(const struct plan *plan)
{
	return plan->opens_window ? __atomic_load_n(&plan->window_changes, __ATOMIC_ACQUIRE) : 0;
}

bool limit_disturbed(struct plan *plan, uint64_t seen)
{
	uint64_t holder;

	if (!plan->opens_window)
		return false;
	holder = __atomic_load_n(&plan->window, __ATOMIC_ACQUIRE);
	if (holder == self())
		return false; /* it is lowered for this very call, or for one that a handler of ours interrupted */
	if (holder && enter(plan))
		limit_leave(plan);
	return holder || __atomic_load_n(&plan->window_changes, __ATOMIC_ACQUIRE) != seen;
}
