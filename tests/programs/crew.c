// SPDX-License-Identifier: MIT
// tests: two threads use a segment each, at the same time, through the same helpers but from functions of their own.
// "first-forgets": the first thread leaves its segment when it cannot attach.
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

enum { SIZE = 4096 };
static bool forgets;

static __attribute__((noinline)) int make(void)
{
	return shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
}

static __attribute__((noinline)) int drop(int id)
{
	return shmctl(id, IPC_RMID, NULL);
}

static void *first(void *argument)
{
	int id = make();
	char *at = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
	if (at != (char *)-1)
		at[0] = 1;
	if (id >= 0 && !(forgets && at == (char *)-1))
		drop(id);
	return at == (char *)-1 || shmdt(at) ? argument : NULL;
}

static void *second(void *argument)
{
	int id = make();
	char *at = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
	if (at != (char *)-1)
		at[0] = 2;
	if (id >= 0)
		drop(id);
	return at == (char *)-1 || shmdt(at) ? argument : NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	void *failed[2] = {argv, argv};
	forgets = argc > 1 && strcmp(argv[1], "first-forgets") == 0;
	if (pthread_create(&threads[0], NULL, first, argv) || pthread_create(&threads[1], NULL, second, argv))
		return 2;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], &failed[i]);
	return failed[0] || failed[1];
}
