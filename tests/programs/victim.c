// SPDX-License-Identifier: MIT
// tests: a small user of shared memory, careful unless the first argument names a carelessness: explore finds each.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <unistd.h>

enum { SIZE = 4096 };
static const char *fault = "none";

static int is(const char *name)
{
	return strcmp(fault, name) == 0;
}

static __attribute__((noinline)) int make(void)
{
	return shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
}

static __attribute__((noinline)) char *attach(int id)
{
	char *at = shmat(id, NULL, 0);
	if (is("retries") && at == (void *)-1)
		at = shmat(id, NULL, 0);
	while (is("hangs") && at == (void *)-1)
		at = shmat(id, NULL, 0);
	return at;
}

static __attribute__((noinline)) int drop(int id)
{
	return shmctl(id, IPC_RMID, NULL);
}

static int give_up(int id, const char *what)
{
	perror(what);
	if (id >= 0 && !is("leaks"))
		drop(id);
	return is("careless-status") ? 0 : 1;
}

static int work(void)
{
	int id = make();
	if (id < 0)
		return give_up(id, "shmget");
	char *at = attach(id);
	if (is("null") ? !at : at == (void *)-1 && !is("crashes")) {
		if (is("wrong-output"))
			return drop(id), puts("sum 0"), 0;
		if (is("quiet"))
			return drop(id), puts("sum 97"), 0;
		if (is("detaches"))
			shmdt(at);
		return give_up(id, "shmat");
	}
	at[0] = 'a';
	printf("sum %d\n", at[0]);
	if (shmdt(at) && !is("ignores"))
		perror("shmdt");
	if (drop(id) && !is("ignores"))
		perror("shmctl");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		fault = argv[1];
	return work();
}
