// SPDX-License-Identifier: MIT
// counter: a number that processes share.
#include "counter.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>

struct counter {
	int id;
	int is_maker;
	long *value; /* in the segment */
};

static struct counter *attach(int id, int is_maker)
{
	struct counter *counter = malloc(sizeof *counter);
	if (!counter)
		return NULL;
	*counter = (struct counter){id, is_maker, shmat(id, NULL, 0)};
	if (counter->value != (void *)-1)
		return counter;
	free(counter);
	return NULL;
}

struct counter *counter_create(key_t key)
{
	int id = shmget(key, sizeof(long), IPC_CREAT | IPC_EXCL | 0600);
	struct counter *counter = id == -1 ? NULL : attach(id, 1);
	int error = errno;
	if (!counter && id != -1)
		shmctl(id, IPC_RMID, NULL); /* without this line a failed shmat leaks it */
	errno = error;
	return counter;
}

struct counter *counter_join(key_t key)
{
	int id = shmget(key, sizeof(long), 0600);
	return id == -1 ? NULL : attach(id, 0);
}

long counter_add(struct counter *counter, long amount)
{
	return __atomic_add_fetch(counter->value, amount, __ATOMIC_SEQ_CST);
}

void counter_close(struct counter *counter)
{
	shmdt(counter->value);
	if (counter->is_maker)
		shmctl(counter->id, IPC_RMID, NULL);
	free(counter);
}
