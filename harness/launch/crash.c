// SPDX-License-Identifier: MIT
// launch: how processes of the tree crash: seen by ptrace(2), without a signal handler in the program.
#include "crash.h"

#include "crash_stack.h"
#include "harness/clock.h"
#include "harness/launch/supervise.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RELEASE_MS = 1000 };

/* A signal that may turn out to be a crash: the program may have a handler for it. */
struct candidate {
	struct crash crash;
	struct crash_stack *stack;
	bool has_killed;
};

struct task {
	pid_t tid, pid;
};

struct crash_watch {
	struct task *tasks;
	size_t task_count, task_room;
	struct candidate *candidates;
	size_t candidate_count;
	int failure; /* the errno of a program that could not be seized */
};

int crash_watch_try(void)
{
	pid_t us = getpid(), child = fork();
	if (child < 0)
		return -errno;
	while (child == 0 && supervise_goes_with(us, SIGKILL))
		pause();
	if (child == 0)
		_exit(0);
	int code = ptrace(PTRACE_SEIZE, child, 0L, 0L) ? -errno : 0;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	return code;
}

int crash_watch_new(struct crash_watch **ret_watch, char why[512])
{
	struct crash_watch *watch = calloc(1, sizeof *watch);
	int code = watch ? crash_watch_try() : -ENOMEM;
	if (code) {
		snprintf(why, 512,
			 "--crash: ptrace(2) is not permitted here (%s): kernel.yama.ptrace_scope or a "
			 "security policy may forbid it",
			 strerror(-code));
		free(watch);
		return code;
	}
	*ret_watch = watch;
	return 0;
}

static bool is_crash_signal(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE ||
	       signal == SIGABRT || signal == SIGSYS || signal == SIGTRAP;
}

/* The process of a thread: proc_pid_status(5). */
static pid_t process_of(pid_t tid)
{
	char path[32], line[128];
	int pid = tid;
	snprintf(path, sizeof path, "/proc/%d/status", tid);
	FILE *stream = fopen(path, "re");
	while (stream && fgets(line, sizeof line, stream))
		if (sscanf(line, "Tgid: %d", &pid) == 1)
			break;
	if (stream)
		fclose(stream);
	return pid;
}

/* Enters TID when it is new. NULL: no memory. */
static struct task *task_of(struct crash_watch *watch, pid_t tid)
{
	for (size_t i = 0; i < watch->task_count; i++)
		if (watch->tasks[i].tid == tid)
			return &watch->tasks[i];
	if (watch->task_count == watch->task_room) {
		size_t room = watch->task_room ? 2 * watch->task_room : 16;
		struct task *more = realloc(watch->tasks, room * sizeof *more);
		if (!more)
			return NULL;
		watch->tasks = more;
		watch->task_room = room;
	}
	watch->tasks[watch->task_count] = (struct task){tid, process_of(tid)};
	return &watch->tasks[watch->task_count++];
}

static void forget_task(struct crash_watch *watch, pid_t tid)
{
	for (size_t i = 0; i < watch->task_count; i++)
		if (watch->tasks[i].tid == tid)
			watch->tasks[i--] = watch->tasks[--watch->task_count];
}

void crash_watch_seize(struct crash_watch *watch, pid_t pid)
{
	const long options =
	    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	if (watch && (ptrace(PTRACE_SEIZE, pid, 0L, options) || !task_of(watch, pid)))
		watch->failure = errno;
}

static bool read_registers(pid_t tid, uint64_t registers[CRASH_REGISTERS])
{
#if defined(__x86_64__)
	struct user_regs_struct all;
	struct iovec into = {&all, sizeof all};
	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &into))
		return false;
	const uint64_t by_number[CRASH_REGISTERS] = {all.rax, all.rdx, all.rcx, all.rbx, all.rsi, all.rdi,
						     all.rbp, all.rsp, all.r8,  all.r9,  all.r10, all.r11,
						     all.r12, all.r13, all.r14, all.r15, all.rip};
	memcpy(registers, by_number, sizeof by_number);
	return true;
#else
	(void)tid, (void)registers;
	return false;
#endif
}

static struct candidate *candidate_of(const struct crash_watch *watch, pid_t pid)
{
	for (size_t i = 0; i < watch->candidate_count; i++)
		if (watch->candidates[i].crash.pid == pid && !watch->candidates[i].has_killed)
			return &watch->candidates[i];
	return NULL;
}

static void forget_candidate(struct crash_watch *watch, pid_t pid)
{
	struct candidate *candidate = candidate_of(watch, pid);
	if (!candidate)
		return;
	crash_stack_free(candidate->stack);
	*candidate = watch->candidates[--watch->candidate_count];
}

/* Handlers that report a fault and then raise the signal again: the fault is what we want to know. */
static bool is_raised_again(const struct candidate *before, const struct crash *crash)
{
	return before && before->crash.signal == crash->signal && before->crash.code > 0 && crash->code <= 0;
}

static void note_signal(struct crash_watch *watch, const struct task *task, int signal)
{
	struct crash crash = {.pid = task->pid, .tid = task->tid, .signal = signal, .source = CRASH_TRACED};
	siginfo_t info;
	if (!ptrace(PTRACE_GETSIGINFO, task->tid, 0L, &info)) {
		crash.code = info.si_code;
		/* SI_KERNEL: a general protection fault, which has no address */
		crash.has_address =
		    info.si_code > 0 && info.si_code != SI_KERNEL && signal != SIGABRT && signal != SIGSYS;
		crash.address = crash.has_address ? (uint64_t)(uintptr_t)info.si_addr : 0;
	}
	if (is_raised_again(candidate_of(watch, task->pid), &crash))
		return;
	forget_candidate(watch, task->pid);
	struct candidate *more = reallocarray(watch->candidates, watch->candidate_count + 1, sizeof *more);
	if (!more)
		return;
	watch->candidates = more;
	crash.time_ns = clock_now_ns();
	crash.has_registers = read_registers(task->tid, crash.registers);
	more[watch->candidate_count++] = (struct candidate){
	    crash, crash.has_registers ? crash_stack_copy(task->tid, crash.registers) : NULL, false};
}

/* It lived on, and is another program now. Its thread took the process's id, its own is no more. */
static void note_exec(struct crash_watch *watch, const struct task *task)
{
	unsigned long former;
	forget_candidate(watch, task->pid);
	if (!ptrace(PTRACE_GETEVENTMSG, task->tid, 0L, &former) && (pid_t)former != task->tid)
		forget_task(watch, (pid_t)former);
}

static void go_on(struct crash_watch *watch, const struct task *task, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);
	bool is_group_stop = event == PTRACE_EVENT_STOP && signal != SIGTRAP;
	if (event == PTRACE_EVENT_EXEC)
		note_exec(watch, task);
	if (!event && is_crash_signal(signal))
		note_signal(watch, task, signal);
	if (is_group_stop) /* stays stopped until SIGCONT, as without us */
		ptrace(PTRACE_LISTEN, task->tid, 0L, 0L);
	else
		ptrace(PTRACE_CONT, task->tid, 0L, event ? 0L : (long)signal);
}

static void note_death(struct crash_watch *watch, pid_t pid, int status)
{
	struct candidate *candidate = candidate_of(watch, pid);
	if (candidate && WIFSIGNALED(status) && WTERMSIG(status) == candidate->crash.signal)
		candidate->has_killed = true;
	else
		forget_candidate(watch, pid);
}

bool crash_watch_takes(struct crash_watch *watch, pid_t tid, int status)
{
	if (!watch)
		return false;
	const struct task *known = task_of(watch, tid);
	struct task task =
	    known ? *known : (struct task){tid, tid}; /* no memory: it must run on all the same */
	if (WIFSTOPPED(status)) {
		go_on(watch, &task, status);
		return true;
	}
	if (WIFCONTINUED(status))
		return true;
	bool is_process = task.pid == tid;
	forget_task(watch, tid);
	if (is_process)
		note_death(watch, tid, status);
	return !is_process;
}

/* PTRACE_DETACH wants a stopped tracee. A signal that it was about to get is handed on. */
static void release_task(pid_t tid)
{
	int status, waited = 0;
	pid_t got = 0;
	if (ptrace(PTRACE_INTERRUPT, tid, 0L, 0L))
		return;
	for (; waited < RELEASE_MS && (got = waitpid(tid, &status, __WALL | WNOHANG)) == 0; waited++)
		usleep(1000);
	if (got == tid && WIFSTOPPED(status))
		ptrace(PTRACE_DETACH, tid, 0L, status >> 16 ? 0L : (long)WSTOPSIG(status));
}

void crash_watch_release(struct crash_watch *watch)
{
	while (watch && watch->task_count)
		release_task(watch->tasks[--watch->task_count].tid);
}

int crash_watch_tell(const struct crash_watch *watch, struct arena *arena, struct evidence *evidence)
{
	int code = 0;
	if (watch && watch->failure)
		code = evidence_doubt(evidence, "crashes were not watched: %s", strerror(watch->failure));
	for (size_t i = 0; watch && !code && i < watch->candidate_count; i++) {
		struct crash crash = watch->candidates[i].crash;
		if (!watch->candidates[i].has_killed)
			continue;
		if (watch->candidates[i].stack)
			crash.stack = crash_stack_intern(watch->candidates[i].stack, arena);
		code = evidence_add_crash(evidence, &crash);
	}
	return code;
}

void crash_watch_free(struct crash_watch *watch)
{
	for (size_t i = 0; watch && i < watch->candidate_count; i++)
		crash_stack_free(watch->candidates[i].stack);
	if (watch) {
		free(watch->tasks);
		free(watch->candidates);
	}
	free(watch);
}
