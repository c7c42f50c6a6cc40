// SPDX-License-Identifier: MIT
// storm: PROCESSES × THREADS do random calls, CALLS in all, and count for themselves what the kernel answered.
//
//     storm PROCESSES THREADS CALLS SEED [KEEP]
//
// Prints one line of counts at the end: what whoever watched it must have seen. KEEP segments are left behind.
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOTS = 64, KEYS = 16, FIRST_KEY = 0x57000000, MINE = 8 };

/* Shared by all processes; SLOT holds shmid + 1 of a segment that stands, claimed by exchange before removal. */
static struct counts {
	_Atomic uint64_t calls, created, removed, attaches, detaches, failed, forks, left;
	_Atomic int slots[SLOTS];
} * all;

static _Atomic uint64_t *budget;
static int keep;

/* What one thread has attached. */
struct mine {
	uint64_t random;
	void *places[MINE];
	unsigned count;
};

static unsigned draw(struct mine *mine, unsigned below)
{
	mine->random ^= mine->random << 13;
	mine->random ^= mine->random >> 7;
	mine->random ^= mine->random << 17;
	return (unsigned)(mine->random >> 33) % below;
}

static void count(int is_ok, _Atomic uint64_t *which)
{
	all->calls++;
	if (is_ok)
		(*which)++;
	else
		all->failed++;
}

static void take_away(int id)
{
	if (id < 0)
		return;
	int result = shmctl(id, IPC_RMID, NULL);
	count(result == 0, &all->removed);
	if (result)
		fprintf(stderr, "storm: removing %d: %s\n", id, strerror(errno)), abort();
}

/* IPC_CREAT without IPC_EXCL for a key that only one thread uses at a time creates as surely as IPC_EXCL. */
static void make(struct mine *mine)
{
	static _Atomic int busy[KEYS];
	unsigned which = draw(mine, KEYS), way = draw(mine, 3);
	key_t key = way ? (key_t)(FIRST_KEY + ((uint32_t)getpid() << 8) + which) : IPC_PRIVATE;
	if (key != IPC_PRIVATE && atomic_exchange(&busy[which], 1))
		return;
	int id = shmget(key, 4096 * (1 + draw(mine, 3)), IPC_CREAT | (way == 2 ? IPC_EXCL : 0) | 0600);
	count(id >= 0, &all->created);
	/* keyed ones go at once, so that the key is free again */
	int old = key != IPC_PRIVATE ? id + 1 : atomic_exchange(&all->slots[draw(mine, SLOTS)], id + 1);
	if (old > 0)
		take_away(old - 1);
	if (key != IPC_PRIVATE)
		busy[which] = 0;
}

static void attach(struct mine *mine)
{
	int id = all->slots[draw(mine, SLOTS)] - 1;
	if (id < 0 || mine->count == MINE)
		return;
	void *place = shmat(id, NULL, draw(mine, 2) ? SHM_RDONLY : 0);
	count(place != (void *)-1, &all->attaches);
	if (place != (void *)-1)
		mine->places[mine->count++] = place;
}

static void detach(struct mine *mine)
{
	if (!mine->count)
		return;
	unsigned which = draw(mine, mine->count);
	count(shmdt(mine->places[which]) == 0, &all->detaches);
	mine->places[which] = mine->places[--mine->count];
}

static void look(struct mine *mine)
{
	struct shmid_ds status;
	int id = all->slots[draw(mine, SLOTS)] - 1;
	static _Atomic uint64_t looks;
	if (id >= 0)
		count(shmctl(id, IPC_STAT, &status) == 0, &looks);
}

static void step(struct mine *mine, int may_fork);

/* The child inherits the attachments and goes on a little. */
static void divide(struct mine *mine)
{
	pid_t child = fork();
	if (child < 0)
		return;
	if (child == 0) {
		for (unsigned i = draw(mine, 20); i; i--)
			step(mine, 0);
		_exit(0);
	}
	all->forks++;
	waitpid(child, NULL, 0);
}

static void step(struct mine *mine, int may_fork)
{
	switch (draw(mine, 40)) {
	case 0:
		if (may_fork && draw(mine, 40) == 0)
			divide(mine);
		return;
	case 1 ... 9:
		make(mine);
		return;
	case 10 ... 21:
		attach(mine);
		return;
	case 22 ... 33:
		detach(mine);
		return;
	default:
		look(mine);
	}
}

static void *work(void *argument)
{
	struct mine mine = {.random = (uint64_t)(uintptr_t)argument * 0x9e3779b97f4a7c15 + 1};
	while (all->calls < *budget)
		step(&mine, 1);
	while (mine.count)
		detach(&mine);
	return NULL;
}

static void run_threads(int threads, uintptr_t seed)
{
	pthread_t list[64];
	for (int i = 0; i < threads; i++)
		if (pthread_create(&list[i], NULL, work, (void *)(seed + (uintptr_t)i + 1)))
			abort();
	for (int i = 0; i < threads; i++)
		pthread_join(list[i], NULL);
}

static void settle(void)
{
	for (int i = 0; i < SLOTS; i++) {
		if (all->slots[i] && (int)all->left < keep)
			all->left++;
		else
			take_away(all->slots[i] - 1);
	}
}

int main(int argc, char **argv)
{
	if (argc < 5 || atoi(argv[2]) > 64)
		return 2;
	all = mmap(NULL, sizeof *all + sizeof *budget, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		   0);
	budget = (void *)(all + 1);
	*budget = strtoull(argv[3], NULL, 0);
	keep = argc > 5 ? atoi(argv[5]) : 0;
	int processes = atoi(argv[1]);
	for (int i = 0; i < processes; i++) {
		if (fork() == 0) {
			run_threads(atoi(argv[2]),
				    (uintptr_t)(strtoull(argv[4], NULL, 0) * 1000003 + (unsigned)i * 64));
			_exit(0);
		}
		all->forks++;
	}
	for (int status; wait(&status) > 0;)
		if (status)
			return 3;
	settle();
	printf("{\"calls\": %lu, \"segments_created\": %lu, \"segments_removed\": %lu, \"attaches\": %lu, "
	       "\"detaches\": %lu,"
	       " \"failed_calls\": %lu, \"processes\": %lu, \"left\": %lu}\n",
	       all->calls, all->created, all->removed, all->attaches, all->detaches, all->failed,
	       all->forks + 1, all->left);
	return 0;
}
