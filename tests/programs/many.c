// SPDX-License-Identifier: MIT
// tests: a program with many places: N times a segment's whole life, each from a stack of its own.
// Usage: many N [careless]. A careless one leaves its segment when anything fails.
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static int is_careless;

static int live(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	if (id < 0)
		return 1;
	char *at = shmat(id, NULL, 0);
	if (at == (char *)-1)
		return is_careless || (shmctl(id, IPC_RMID, NULL), 1);
	at[0] = 1;
	if (shmdt(at) && is_careless)
		return 1;
	return shmctl(id, IPC_RMID, NULL) != 0;
}

static int one(unsigned path);

static __attribute__((noinline)) int zero(unsigned path)
{
	int failed = path < 2 ? live() : path & 1 ? one(path >> 1) : zero(path >> 1);
	__asm__ volatile(""); /* no tail call: the frame must stay */
	return failed;
}

static __attribute__((noinline)) int one(unsigned path)
{
	int failed = path < 2 ? live() : path & 1 ? one(path >> 1) : zero(path >> 1);
	__asm__ volatile("");
	return failed;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1, failed = 0;
	is_careless = argc > 2;
	for (int i = 0; i < count; i++)
		failed |= zero((unsigned)i + 1);
	return failed;
}
