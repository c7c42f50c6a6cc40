// SPDX-License-Identifier: MIT
// tests: prints a sum that it has from shared memory, and, by itself, something that is another one now and then.
// Usage: teller NOISE [guilty]. When a call fails it tries again; a guilty one goes on without, and prints a wrong sum.
// It is other noise than the sum that explore must not take for the failure's doing.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

static const char *noise;
static int is_guilty;
static struct timespec began;

static int is(const char *word)
{
	return strcmp(noise, word) == 0;
}

static unsigned dice(unsigned sides)
{
	unsigned value = 0;
	if (getrandom(&value, sizeof value, 0) < 0)
		exit(9);
	return value % sides;
}

static long elapsed_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000;
}

static void make_noise(void)
{
	if (is("coin"))
		printf("the coin shows %u\n", dice(2));
	if (is("lines"))
		for (unsigned i = 1 + dice(3); i > 0; i--)
			puts("working");
	if (is("sometimes") && dice(4) == 0)
		puts("this took a moment");
	if (is("time"))
		printf("after %ld ms\n", (elapsed_ms() + 5) / 10 * 10);
}

static void wait_a_little(void)
{
	usleep(30000);
}

static int make(void)
{
	int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	for (int i = 0; id < 0 && !is_guilty && i < 2; i++) {
		wait_a_little();
		id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	}
	return id;
}

static char *attach(int id)
{
	char *at = shmat(id, NULL, 0);
	for (int i = 0; at == (char *)-1 && !is_guilty && i < 2; i++) {
		wait_a_little();
		at = shmat(id, NULL, 0);
	}
	return at;
}

int main(int argc, char **argv)
{
	clock_gettime(CLOCK_MONOTONIC, &began);
	noise = argc > 1 ? argv[1] : "none";
	is_guilty = argc > 2;
	int id = make(), sum = 0;
	char *at = id < 0 ? (char *)-1 : attach(id);
	if (at != (char *)-1) {
		sum = at[0] = 97;
		shmdt(at);
	}
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	make_noise();
	if (!sum && !is_guilty)
		return 1;
	printf("sum %d\n", sum);
	make_noise();
	return 0;
}
