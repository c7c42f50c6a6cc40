// SPDX-License-Identifier: MIT
// Ways to crash, and ways to be stopped, by the first argument.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAULT ((volatile int *)0x1230)

__attribute__((noinline)) static void innermost(void)
{
	*FAULT = 1;
	__asm__ volatile("");
}

__attribute__((noinline)) static void middle(void)
{
	innermost();
	__asm__ volatile("");
}

static void *thread(void *nothing)
{
	middle();
	return nothing;
}

static void raise_again(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

/* Meets a fault of its own. */
static void fault_again(int number)
{
	(void)number;
	middle();
}

__attribute__((noinline)) static void interrupted(void)
{
	raise(SIGUSR1);
	__asm__ volatile("");
}

/* A handler on an alternate stack, behind which nothing is mapped. */
static void crash_in_handler(void)
{
	enum { SIZE = 65536 };
	char *memory = mmap(NULL, SIZE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = {.ss_sp = memory, .ss_size = SIZE};
	struct sigaction action = {.sa_handler = fault_again, .sa_flags = SA_ONSTACK};
	if (memory == MAP_FAILED || munmap(memory + SIZE, 4096) || sigaltstack(&stack, NULL))
		_exit(96);
	sigaction(SIGUSR1, &action, NULL);
	interrupted();
	__asm__ volatile("");
}

static void give_up(int number)
{
	(void)number;
	abort();
}

/* Each call takes BYTES of the stack, more than it has. */
__attribute__((noinline)) static int descend(size_t bytes, int depth)
{
	volatile char *frame = __builtin_alloca(bytes);
	frame[0] = (char)depth;
	return depth < 0 ? depth : descend(bytes, depth + 1) + frame[0];
}

/* A handler on an alternate stack, since there is no other one left. */
static void overflow(size_t bytes)
{
	static char memory[65536];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
	struct sigaction action = {.sa_handler = give_up, .sa_flags = SA_ONSTACK};
	if (sigaltstack(&stack, NULL) || sigaction(SIGSEGV, &action, NULL))
		_exit(96);
	descend(bytes, 0);
}

static void survive(int number)
{
	(void)number;
	_exit(0);
}

static int reap(pid_t child)
{
	int status;
	if (waitpid(child, &status, 0) != child)
		return 99;
	return WIFSIGNALED(status) ? 40 + WTERMSIG(status) : WEXITSTATUS(status);
}

__attribute__((noinline)) static int crash_in_child(void)
{
	pid_t child = fork();
	if (child == 0)
		middle();
	return reap(child);
}

/* The parent sees its child stop, lets it go on, and sees it exit. */
static int stop_and_continue(void)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		_exit(7);
	}
	if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
		return 98;
	kill(child, SIGCONT);
	return reap(child) == 7 ? 0 : 97;
}

int main(int count, char **words)
{
	const char *how = count > 1 ? words[1] : "plain";
	pthread_t other;
	ftok("/", 'c'); /* so that the shim has looked at who calls */
	if (strcmp(how, "again") == 0)
		signal(SIGSEGV, raise_again);
	if (strcmp(how, "survive") == 0)
		signal(SIGSEGV, survive);
	if (strcmp(how, "thread") == 0 && pthread_create(&other, NULL, thread, NULL) == 0)
		pthread_join(other, NULL);
	if (strcmp(how, "handler") == 0)
		crash_in_handler();
	if (strcmp(how, "overflow") == 0 && count > 2)
		descend((size_t)atol(words[2]), 0);
	if (strcmp(how, "overflow-handled") == 0 && count > 2)
		overflow((size_t)atol(words[2]));
	if (strcmp(how, "child") == 0)
		return crash_in_child();
	if (strcmp(how, "stop") == 0)
		return stop_and_continue();
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "shell") == 0)
		return system("true") == 0 ? 0 : 1;
	middle();
	return 0;
}
