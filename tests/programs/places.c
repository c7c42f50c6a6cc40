// SPDX-License-Identifier: MIT
// tests: shmget from as many places as asked for: `places COUNT [THREADS]`. The bits of a number choose the way there. Each
// makes a segment and removes it; the last one of all is left.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

enum { BITS = 16, THREADS_MAX = 64 };
static int count;

static int descend(unsigned way, int depth);

static __attribute__((noinline)) int left(unsigned way, int depth)
{
	int id = descend(way, depth);
	__asm__ volatile(""); /* no tail call */
	return id;
}

static __attribute__((noinline)) int right(unsigned way, int depth)
{
	int id = descend(way, depth);
	__asm__ volatile("");
	return id;
}

static __attribute__((noinline)) int descend(unsigned way, int depth)
{
	if (depth == 0)
		return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	int id = way & 1 ? left(way >> 1, depth - 1) : right(way >> 1, depth - 1);
	__asm__ volatile("");
	return id;
}

static void *work(void *argument)
{
	for (int i = 0; i < count; i++) {
		int id = descend((unsigned)i, BITS);
		if (id == -1 || shmctl(id, IPC_RMID, NULL))
			exit(1);
	}
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	int extra = argc > 2 ? atoi(argv[2]) - 1 : 0;
	count = argc > 1 ? atoi(argv[1]) : 1;
	for (int i = 0; i < extra && i < THREADS_MAX; i++)
		if (pthread_create(&threads[i], NULL, work, NULL))
			return 1;
	work(NULL);
	for (int i = 0; i < extra && i < THREADS_MAX; i++)
		pthread_join(threads[i], NULL);
	return descend((unsigned)count, BITS) == -1;
}
