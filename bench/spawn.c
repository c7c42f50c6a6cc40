// SPDX-License-Identifier: MIT
// bench: starts a command N times, JOBS at a time, and prints how many runs a second that gave.
// Usage: spawn N JOBS COMMAND [ARG…]
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return fprintf(stderr, "usage: spawn N JOBS COMMAND [ARG...]\n"), 2;
	int count = atoi(argv[1]), jobs = atoi(argv[2]), started = 0, running = 0;
	double begin = now();
	while (started < count || running) {
		pid_t pid;
		while (running < jobs && started < count) {
			if (posix_spawnp(&pid, argv[3], NULL, NULL, argv + 3, environ))
				return fprintf(stderr, "cannot start %s\n", argv[3]), 1;
			running++;
			started++;
		}
		wait(NULL);
		running--;
	}
	printf("%.1f\n", count / (now() - begin));
	return 0;
}
