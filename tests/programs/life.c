// SPDX-License-Identifier: MIT
// life: ways in which processes share, inherit and interrupt. `life WAY` behaves; `life WAY guilty` does not.
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int is_guilty, id = -1;
static char *volatile place;

static void die(const char *what)
{
	perror(what);
	_exit(99);
}

static void begin(void)
{
	id = shmget(IPC_PRIVATE, 4096, 0600);
	if (id < 0)
		die("shmget");
}

static void attach(void)
{
	place = shmat(id, NULL, 0);
	if (place == (void *)-1)
		die("shmat");
}

static void detach(void)
{
	if (!is_guilty && shmdt(place))
		die("shmdt");
}

static void finish(void)
{
	if (shmctl(id, IPC_RMID, NULL))
		die("shmctl");
}

/* What a vfork child attaches is attached in its parent. Guilty: and stays so. */
static void by_vfork(void)
{
	begin();
	pid_t pid = vfork();
	if (pid == 0) {
		attach();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	detach();
	finish();
}

static int attach_only(void *unused)
{
	(void)unused;
	attach();
	return 0;
}

/* The same for a child that shares all memory. */
static void by_clone_vm(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	begin();
	pid_t pid = clone(attach_only, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL);
	waitpid(pid, NULL, 0);
	detach();
	finish();
}

/* A child detaches what it inherited. Guilty: once more. */
static void child_of(pid_t pid)
{
	if (pid == 0) {
		if (shmdt(place))
			die("shmdt");
		if (is_guilty)
			shmdt(place);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (shmdt(place))
		die("shmdt");
	finish();
}

static void by_fork(void)
{
	begin();
	attach();
	child_of(fork());
}

static void by_bare_fork(void)
{
	begin();
	attach();
	child_of(_Fork());
}

static void by_raw_clone(void)
{
	begin();
	attach();
	child_of((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static void tidy_up(int signal)
{
	if (!is_guilty) {
		shmdt(place);
		shmctl(id, IPC_RMID, NULL);
	}
	_exit(signal == SIGALRM ? 0 : 1);
}

/* A handler cleans up in the middle of another call. Guilty: it only leaves. */
static void by_handler(void)
{
	struct itimerval soon = {.it_value = {0, 20000}};
	begin();
	attach();
	signal(SIGALRM, tidy_up);
	setitimer(ITIMER_REAL, &soon, NULL);
	for (struct shmid_ds status;;)
		shmctl(id, IPC_STAT, &status);
}

static sigjmp_buf back;

static void jump(int signal)
{
	(void)signal;
	siglongjmp(back, 1);
}

/* Handlers jump out of calls, a hundred times, and the program goes on. Guilty: it forgets the segment over it. */
static void by_jump(void)
{
	struct itimerval often = {{0, 200}, {0, 200}}, never = {0};
	volatile int jumps = 0;
	struct shmid_ds status;
	begin();
	attach();
	signal(SIGALRM, jump);
	setitimer(ITIMER_REAL, &often, NULL);
	sigsetjmp(back, 1);
	while (jumps++ < 100)
		for (;;)
			shmctl(id, IPC_STAT, &status);
	setitimer(ITIMER_REAL, &never, NULL);
	for (int i = 0; i < 100000; i++)
		shmctl(id, IPC_STAT, &status);
	shmdt(place);
	if (!is_guilty)
		finish();
}

static int move_onto(char *at)
{
	void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mremap(page, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at) == at;
}

/* Detaches without shmdt. Guilty: four attachments stay. */
static void by_unmap(void)
{
	begin();
	char *elsewhere = mmap(NULL, 8 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int way = 0; way < 8; way++) {
		attach();
		char *at = place;
		if (is_guilty)
			continue;
		if (way == 0 && munmap(at, 4096))
			die("munmap");
		if (way == 1 &&
		    mmap(at, 4096, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != at)
			die("mmap");
		if (way == 2 && (shmat(id, at, SHM_REMAP) != at || munmap(at, 4096)))
			die("remap");
		if (way == 3 && !move_onto(at))
			die("mremap onto");
		char *to = elsewhere + way * 4096;
		if (way > 3 && (mremap(at, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to || shmdt(to)))
			die("mremap");
	}
	finish();
}

/* 1 500 children, one after the other, each with a segment: where pids are few they come again. Guilty: the last leaves
 * its own. */
static void by_many(void)
{
	for (int i = 0; i < 1500; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			begin();
			attach();
			if (!is_guilty || i < 1499)
				finish();
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			die("fork");
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*live)(void);
	} ways[] = {{"vfork", by_vfork},     {"clone_vm", by_clone_vm},   {"fork", by_fork},
		    {"_Fork", by_bare_fork}, {"raw_clone", by_raw_clone}, {"handler", by_handler},
		    {"jump", by_jump},       {"unmap", by_unmap},         {"many", by_many}};
	is_guilty = argc > 2;
	for (unsigned i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++)
		if (strcmp(argv[1], ways[i].name) == 0) {
			ways[i].live();
			return 0;
		}
	return 2;
}
