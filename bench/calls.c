// SPDX-License-Identifier: MIT
// bench: nanoseconds a call, as the program itself sees them: `calls WORKLOAD WORKERS ROUND_CALLS ROUNDS`.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEY = 0x5e1f, BYTES = 4096, WORKERS_MAX = 8, ROUNDS_MAX = 999 };

static int segment;

static void check(int is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void get_existing(void)
{
	check(shmget(KEY, 0, 0) == segment, "shmget");
}

static void stat_existing(void)
{
	struct shmid_ds ds;
	check(shmctl(segment, IPC_STAT, &ds) == 0, "IPC_STAT");
}

static void make_key(void)
{
	check(ftok("/", 'b') != -1, "ftok");
}

static void attach_detach(void)
{
	void *address = shmat(segment, NULL, 0);
	check(address != (void *)-1 && shmdt(address) == 0, "shmat and shmdt");
}

static void life_cycle(void)
{
	int id = shmget(IPC_PRIVATE, BYTES, 0600);
	void *address = shmat(id, NULL, 0);
	check(address != (void *)-1 && shmdt(address) == 0 && shmctl(id, IPC_RMID, NULL) == 0, "life cycle");
}

/* Calls that are wrapped but not watched: what they cost is pure loss. */
static void unmap_nothing(void)
{
	check(munmap((void *)1, 1) == -1, "munmap");
}

static void raw_getppid(void)
{
	check(syscall(SYS_getppid) >= 0, "getppid");
}

/* Not wrapped at all. */
static void plain_getpgrp(void)
{
	check(getpgrp() >= 0, "getpgrp");
}

static void plain_getppid(void)
{
	check(getppid() >= 0, "getppid");
}

static const struct {
	const char *name;
	void (*call)(void);
} workloads[] = {{"shmget", get_existing},       {"IPC_STAT", stat_existing}, {"ftok", make_key},
		 {"shmat+shmdt", attach_detach}, {"life-cycle", life_cycle},  {"munmap", unmap_nothing},
		 {"syscall", raw_getppid},       {"getpgrp", plain_getpgrp},  {"getppid", plain_getppid}};

struct work {
	void (*call)(void);
	long calls;
};

static void *repeat(void *argument)
{
	struct work *work = argument;
	for (long i = 0; i < work->calls; i++)
		work->call();
	return NULL;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Of this process and of those that it has waited for. */
static uint64_t cpu_ns(void)
{
	struct rusage children;
	getrusage(RUSAGE_CHILDREN, &children);
	uint64_t us = (uint64_t)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) * 1000000 +
		      (uint64_t)(children.ru_utime.tv_usec + children.ru_stime.tv_usec);
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + us * 1000;
}

static void in_threads(struct work *work, int workers)
{
	pthread_t threads[WORKERS_MAX];
	for (int i = 0; i < workers; i++)
		check(pthread_create(&threads[i], NULL, repeat, work) == 0, "pthread_create");
	for (int i = 0; i < workers; i++)
		pthread_join(threads[i], NULL);
}

static void in_processes(struct work *work, int workers)
{
	for (int i = 0; i < workers; i++) {
		pid_t pid = fork();
		check(pid >= 0, "fork");
		if (pid == 0) {
			repeat(work);
			_exit(0);
		}
	}
	for (int i = 0; i < workers; i++) {
		int status = 1;
		check(wait(&status) > 0 && status == 0, "a worker");
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* WORKERS is "1", "2t" (threads) or "2p" (processes); prints the medians of the rounds, nanoseconds a
 * call: by the clock, and of processor time, which other load disturbs less. */
int main(int argc, char **argv)
{
	static double rounds[ROUNDS_MAX], spent[ROUNDS_MAX];
	check(argc == 5, "usage: calls WORKLOAD WORKERS CALLS ROUNDS");
	struct work work = {NULL, atol(argv[3])};
	int workers = atoi(argv[2]), count = atoi(argv[4]);
	for (unsigned i = 0; i < sizeof workloads / sizeof *workloads; i++)
		if (strcmp(workloads[i].name, argv[1]) == 0)
			work.call = workloads[i].call;
	check(work.call && work.calls > 0 && workers > 0 && workers <= WORKERS_MAX && count > 0 &&
		  count <= ROUNDS_MAX,
	      "an argument");
	segment = shmget(KEY, BYTES, IPC_CREAT | 0600);
	check(segment >= 0, "shmget");
	struct work warm_up = {work.call, work.calls / 10 + 1};
	repeat(&warm_up);
	for (int i = 0; i < count; i++) {
		uint64_t begin = clock_ns(CLOCK_MONOTONIC), cpu = cpu_ns();
		if (strchr(argv[2], 'p'))
			in_processes(&work, workers);
		else if (workers > 1)
			in_threads(&work, workers);
		else
			repeat(&work);
		rounds[i] = (double)(clock_ns(CLOCK_MONOTONIC) - begin) / (double)work.calls;
		spent[i] = (double)(cpu_ns() - cpu) / (double)work.calls / workers;
	}
	check(shmctl(segment, IPC_RMID, NULL) == 0, "IPC_RMID");
	qsort(rounds, (size_t)count, sizeof *rounds, ascending);
	qsort(spent, (size_t)count, sizeof *spent, ascending);
	printf("%.1f %.1f\n", rounds[count / 2], spent[count / 2]);
	return 0;
}
