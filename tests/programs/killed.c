// SPDX-License-Identifier: MIT
// killed: PROCESSES × THREADS make, attach, detach and remove in a tight loop; each process dies of SIGKILL after a time
// between 0 and MICROSECONDS.
//
//     killed FILE PROCESSES THREADS MICROSECONDS SEED
//
// FILE (tests/killed.h) keeps what each thread was about to do, and had done.
#include "../killed.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct killed_file *all;

/* In program order: the signal comes between two stores, or within a call. */
#define CALL(slot, call)                                                                                     \
	do {                                                                                                 \
		(slot)->begun++;                                                                             \
		call;                                                                                        \
		(slot)->done++;                                                                              \
	} while (0)

static void *work(void *argument)
{
	volatile struct killed_slot *slot = argument;
	int id;
	void *place;
	slot->tid = gettid();
	for (;;) {
		slot->may_be_left = 1;
		CALL(slot, id = shmget(IPC_PRIVATE, 4096, 0600));
		slot->is_left = id >= 0;
		CALL(slot, place = shmat(id, NULL, 0));
		CALL(slot, shmdt(place));
		slot->is_left = 0;
		CALL(slot, shmctl(id, IPC_RMID, NULL));
		slot->may_be_left = 0;
	}
	return NULL;
}

static void die_after(unsigned long long ns)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
	struct itimerspec time = {.it_value = {0, (long)ns + 1}};
	timer_t timer;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &time, NULL))
		_exit(4);
}

static void live(unsigned process, unsigned threads, unsigned long long ns)
{
	pthread_t thread;
	for (unsigned i = 1; i < threads; i++)
		pthread_create(&thread, NULL, work, &all->slots[process * threads + i]);
	die_after(ns);
	work(&all->slots[process * threads]);
}

int main(int argc, char **argv)
{
	if (argc != 6)
		return 2;
	unsigned processes = (unsigned)atoi(argv[2]), threads = (unsigned)atoi(argv[3]);
	int fd = open(argv[1], O_RDWR);
	all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || all == MAP_FAILED || processes * threads > KILLED_SLOTS)
		return 3;
	close(fd);
	srand48(atol(argv[5]));
	unsigned long long most = strtoull(argv[4], NULL, 0) * 1000;
	for (unsigned i = 0; i < processes; i++) {
		unsigned long long ns = (unsigned long long)(drand48() * (double)most);
		if (processes == 1)
			live(0, threads, ns);
		else if (fork() == 0)
			live(i, threads, ns);
	}
	while (wait(NULL) > 0)
		continue;
	return 0;
}
