// SPDX-License-Identifier: MIT
// tests: makes one call four times, then four times again elsewhere: `product CALL alone|fork|thread|exec libc|syscall`. A
// line for each: "ok", "77" for a retval=77, the errno's name when the failure is that of the call's own type, or "bad" for
// anything else; and whether the kernel really made it: "made" or "not" ("-" for ftok, which changes nothing).
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

enum { CALLS = 4, BYTES = 4096, BEFORE = 4711, KEY = 0x7e57, VALUE = 77 };
static const char *call, *route;

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

/* As a program calls it: by name, or through syscall(2). */
static long by_route(long number, long a, long b, long c)
{
	if (strcmp(route, "syscall") == 0)
		return syscall(number, a, b, c);
	switch (number) {
	case SYS_shmget:
		return shmget((key_t)a, (size_t)b, (int)c);
	case SYS_shmat:
		return (long)shmat((int)a, (const void *)b, (int)c);
	case SYS_shmdt:
		return shmdt((const void *)a);
	default:
		return shmctl((int)a, (int)b, (struct shmid_ds *)c);
	}
}

static void tell(long result, int is_good, const char *effect)
{
	const char *said = result == -1             ? strerrorname_np(errno)
			   : errno != BEFORE        ? "bad"
			   : result == VALUE        ? "77"
			   : result >= 0 && is_good ? "ok"
						    : "bad";

	printf("%s %s\n", said, effect);
}

static const char *made(int is_made)
{
	return is_made ? "made" : "not";
}

static void get_once(void)
{
	long result = by_route(SYS_shmget, KEY, BYTES, IPC_CREAT | IPC_EXCL | 0600);
	long id = raw(SYS_shmget, KEY, 0, 0);

	tell(result, 1, made(id >= 0));
	raw(SYS_shmctl, id, IPC_RMID, 0);
}

static void use_once(int id, long address)
{
	struct shmid_ds state = {0}, now = {0};
	long result;

	if (strcmp(call, "shmat") == 0) {
		result = by_route(SYS_shmat, id, 0, 0);
		raw(SYS_shmctl, id, IPC_STAT, (long)&now);
		tell(result, (result & 4095) == 0 && result, made(now.shm_nattch == 2));
	} else if (strcmp(call, "shmdt") == 0) {
		result = by_route(SYS_shmdt, address, 0, 0);
		tell(result, result == 0, made(raw(SYS_shmdt, address, 0, 0) < 0));
	} else if (strcmp(call, "shmctl.STAT") == 0) {
		result = by_route(SYS_shmctl, id, IPC_STAT, (long)&state);
		tell(result, result == 0, made(state.shm_segsz == BYTES));
	} else {
		result = by_route(SYS_shmctl, id, IPC_RMID, 0);
		raw(SYS_shmctl, id, IPC_STAT, (long)&now);
		tell(result, result == 0, made(now.shm_perm.mode & SHM_DEST));
	}
}

static void once(void)
{
	int id = (int)raw(SYS_shmget, IPC_PRIVATE, BYTES, 0600);
	long address = raw(SYS_shmat, id, 0, 0), key;

	errno = BEFORE;
	if (strcmp(call, "ftok") == 0) {
		key = ftok("/", 1);
		tell(key, key != 0, "-");
	} else if (strcmp(call, "shmget") == 0) {
		get_once();
	} else {
		use_once(id, address);
	}
	raw(SYS_shmdt, address, 0, 0);
	raw(SYS_shmctl, id, IPC_RMID, 0);
}

static void *several(void *unused)
{
	for (int i = 0; i < CALLS; i++)
		once();
	fflush(stdout);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 4)
		return 2;
	call = argv[1];
	route = argv[3];
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
		execl(argv[0], argv[0], call, "done", route, (char *)NULL);
		return 2;
	}
	return 0;
}
