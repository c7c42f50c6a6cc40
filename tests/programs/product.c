// SPDX-License-Identifier: MIT
// tests: makes one call four times, then four times again elsewhere: `product CALL alone|fork|thread|exec`. A line for each:
// "ok", the errno's name when the failure is that of the call's own type, or "bad" for anything else.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 4, BYTES = 4096, BEFORE = 4711 };
static const char *call;

/* Past libc and whoever stands in front of it: to clean up. */
static long raw(long number, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static const char *tell(int is_failure, int is_good)
{
	return is_failure ? strerrorname_np(errno) : is_good && errno == BEFORE ? "ok" : "bad";
}

static const char *once(void)
{
	int id = (int)raw(SYS_shmget, IPC_PRIVATE, BYTES, 0600);
	void *address = (void *)raw(SYS_shmat, id, 0, 0), *got;
	const char *said = "bad";
	struct shmid_ds state;
	int result;

	errno = BEFORE;
	if (strcmp(call, "ftok") == 0) {
		key_t key = ftok("/", 1);
		said = tell(key == (key_t)-1, key != 0);
	} else if (strcmp(call, "shmget") == 0) {
		result = shmget(IPC_PRIVATE, BYTES, 0600);
		said = tell(result == -1, result >= 0);
		if (result >= 0)
			raw(SYS_shmctl, result, IPC_RMID, 0);
	} else if (strcmp(call, "shmat") == 0) {
		got = shmat(id, NULL, 0);
		said = tell(got == (void *)-1, ((uintptr_t)got & 4095) == 0 && got);
	} else if (strcmp(call, "shmdt") == 0) {
		result = shmdt(address);
		said = tell(result == -1, result == 0);
	} else if (strcmp(call, "shmctl.STAT") == 0) {
		result = shmctl(id, IPC_STAT, &state);
		said = tell(result == -1, result == 0);
	} else if (strcmp(call, "shmctl.RMID") == 0) {
		result = shmctl(id, IPC_RMID, NULL);
		said = tell(result == -1, result == 0);
	}
	raw(SYS_shmdt, (long)address, 0, 0);
	raw(SYS_shmctl, id, IPC_RMID, 0);
	return said;
}

static void *several(void *unused)
{
	for (int i = 0; i < CALLS; i++)
		puts(once());
	fflush(stdout);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 3)
		return 2;
	call = argv[1];
	several(NULL);
	if (strcmp(argv[2], "alone") == 0) {
		several(NULL);
	} else if (strcmp(argv[2], "fork") == 0) {
		if (fork() == 0) {
			several(NULL);
			_exit(0);
		}
		wait(NULL);
	} else if (strcmp(argv[2], "thread") == 0) {
		if (pthread_create(&thread, NULL, several, NULL) || pthread_join(thread, NULL))
			return 2;
	} else if (strcmp(argv[2], "exec") == 0) {
		execl(argv[0], argv[0], call, "done", (char *)NULL);
		return 2;
	}
	return 0;
}
