// SPDX-License-Identifier: MIT
// tests: a small user of shared memory. Without an argument it does everything right; a word names what it does wrong,
// or how it recovers. Explore gives each its own verdict: tests/explore/victim-WORD.table.
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

enum { SIZE = 4096, TRIES = 2 };
static const char *habit = "none";

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

static int work(void)
{
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
	int failed = shmdt(at) | drop(id);
	if (failed)
		fputs("cannot clean up\n", stderr);
	return is("reports-clean-up") ? failed != 0 : 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		habit = argv[1];
	return work();
}
