// SPDX-License-Identifier: MIT
// tests: a small user of shared memory. Without an argument it does everything right; a word names what it does wrong,
// or how it recovers, a number how many seconds it sleeps meanwhile. Explore gives each its own verdict: tests/explore/victim-WORD.table.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 4096, TRIES = 2 };
static const char *habit = "none";
static unsigned seconds;

static int is(const char *word)
{
	return strcmp(habit, word) == 0;
}

static __attribute__((noinline)) int make(void)
{
	return shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
}

static __attribute__((noinline)) char *attach(int id)
{
	return shmat(id, NULL, 0);
}

static __attribute__((noinline)) int drop(int id)
{
	return shmctl(id, IPC_RMID, NULL);
}

static char *attach_somehow(int id)
{
	char *at = attach(id);
	if (is("compares-with-null"))
		return at ? at : (char *)-1;
	for (int i = 1; at == (char *)-1 && (is("retries-forever") || (is("retries") && i < TRIES)); i++)
		at = attach(id);
	return at;
}

/* What to do without the segment. */
static int give_up(int id)
{
	struct shmid_ds state;
	if (is("forgets-to-remove"))
		return 1;
	if (is("asks-before-removing") && shmctl(id, IPC_STAT, &state))
		return 1;
	if (id >= 0)
		drop(id);
	if (is("uses-after-remove"))
		attach(id);
	if (is("prints-nonsense"))
		return puts("sum 0"), 0;
	if (is("does-without"))
		return puts("sum 97"), 0;
	return 1;
}

/* Whether two runs have been in this folder before: those without a fault. */
static int has_run_twice(void)
{
	int file = open("runs", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	off_t runs = lseek(file, 0, SEEK_END);
	return write(file, "x", 1) != 1 || close(file) || runs >= 2;
}

/* A quarter of its time in each of the ways to sleep. */
static void work_on(void)
{
	struct timespec quarter = {seconds / 4, seconds % 4 * 250000000L}, until;
	if (!seconds)
		return;
	sleep(seconds / 4);
	usleep(seconds % 4 * 250000u);
	nanosleep(&quarter, NULL);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &quarter, NULL);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += quarter.tv_sec + (until.tv_nsec + quarter.tv_nsec) / 1000000000;
	until.tv_nsec = (until.tv_nsec + quarter.tv_nsec) % 1000000000;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static int work(void)
{
	if (is("goes-another-way") && has_run_twice())
		return puts("sum 97"), 0;
	int id = make();
	if (id < 0) {
		perror("shmget");
		return is("prints-nonsense") ? puts("sum 0"), 0 : 1;
	}
	char *at = attach_somehow(id);
	if (at == (char *)-1 && !is("compares-with-null")) {
		return give_up(id);
	}
	at[0] = 'a';
	printf("sum %d\n", at[0]);
	fflush(stdout);
	work_on();
	int failed = shmdt(at) | drop(id);
	if (failed && is("leaves-another"))
		make();
	if (failed)
		fputs("cannot clean up\n", stderr);
	return is("reports-clean-up") ? failed != 0 : 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		habit = argv[1];
	if (argc > 2)
		seconds = (unsigned)atoi(argv[2]);
	return work();
}
