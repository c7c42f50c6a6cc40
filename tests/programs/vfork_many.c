// SPDX-License-Identifier: MIT
// vfork_many: TIMES vfork and exec, with a segment made and removed in between and a thread that does likewise.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int is_over;

static void once(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	if (id < 0 || shmctl(id, IPC_RMID, NULL))
		abort();
}

static void *beside(void *argument)
{
	while (!is_over)
		once();
	return argument;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int times = argc > 1 ? atoi(argv[1]) : 100;
	char *child[] = {"true", NULL};
	if (pthread_create(&thread, NULL, beside, NULL))
		return 2;
	for (int i = 0; i < times; i++) {
		once();
		pid_t pid = vfork();
		if (pid == 0) {
			execv(i % 8 ? "/bin/true" : "/no/such/program", child);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	is_over = 1;
	pthread_join(thread, NULL);
	return 0;
}
