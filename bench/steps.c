// SPDX-License-Identifier: MIT
// bench: N IPC_STAT calls of one segment; the nanoseconds from the first's end to the last's go into a file.
// Usage: steps N FILE. Two of them in a scenario that has them take turns measure what a hand-over costs.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
	struct shmid_ds state;
	int count = argc == 3 ? atoi(argv[1]) : 0;
	int id = shmget(IPC_PRIVATE, 1, 0600);
	double begin = 0;
	if (count < 2 || id < 0)
		return 2;
	for (int i = 0; i < count; i++) {
		if (shmctl(id, IPC_STAT, &state))
			return 2;
		if (i == 0)
			begin = now();
	}
	double end = now();
	FILE *stream = fopen(argv[2], "a");
	if (!stream || shmctl(id, IPC_RMID, NULL))
		return 2;
	fprintf(stream, "%.0f\n", (end - begin) / (count - 1));
	return fclose(stream) != 0;
}
