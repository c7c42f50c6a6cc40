// SPDX-License-Identifier: MIT
// tests: makes calls as a line of letters says and prints what came of each: "shmat -1 ENOMEM".
//   k ftok  g shmget(private)  c shmget(key, IPC_CREAT|IPC_EXCL)  o shmget(key, IPC_CREAT)  f shmget(key)  a shmat  d shmdt
//   s IPC_STAT  r IPC_RMID  p next: a child does the rest  e the rest after exec  t the rest in a thread
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 0x5e6d, SIZE = 8192 };
static int id;
static void *address;
static char **arguments;

static void say(const char *name, int failed, int first)
{
	printf("%s %s %s %d\n", name, failed ? "failed" : "ok", failed ? strerrorname_np(errno) : "-", first);
	fflush(stdout);
}

static void *do_all(void *letters);

static void continue_elsewhere(char letter, const char *rest)
{
	pthread_t thread;

	if (letter == 'p') {
		if (fork() == 0)
			do_all((void *)rest), _exit(0);
		wait(NULL);
	} else if (letter == 't') {
		pthread_create(&thread, NULL, do_all, (void *)rest);
		pthread_join(thread, NULL);
	} else {
		execl(arguments[0], arguments[0], rest, (char *)NULL);
	}
}

static void do_one(char letter)
{
	struct shmid_ds state;
	void *result;
	int got = 0, first;

	errno = 77;
	switch (letter) {
	case 'k':
		got = ftok("/", 1);
		first = ftok("/etc", 1);
		say("ftok", got == -1, first == ftok("/usr", 1));
		break;
	case 'g':
		got = shmget(IPC_PRIVATE, SIZE, 0600);
		say("shmget", got == -1, errno == 77);
		id = got == -1 ? id : got;
		break;
	case 'c':
		say("shmget", (got = shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600)) == -1, 0);
		id = got == -1 ? id : got;
		break;
	case 'o':
		say("shmget", (got = shmget(KEY, SIZE, IPC_CREAT | 0600)) == -1, 0);
		id = got == -1 ? id : got;
		break;
	case 'f':
		say("shmget", shmget(KEY, 0, 0) == -1, 0);
		break;
	case 'a':
		result = shmat(id, NULL, 0);
		say("shmat", result == (void *)-1,
		    result == (void *)-1 || !result ? 0 : *(unsigned char *)result);
		address = result == (void *)-1 ? address : result;
		break;
	case 'd':
		say("shmdt", shmdt(address) == -1, 0);
		break;
	case 's':
		say("stat", shmctl(id, IPC_STAT, &state) == -1, 0);
		break;
	case 'r':
		say("rmid", shmctl(id, IPC_RMID, NULL) == -1, 0);
		break;
	}
}

static void *do_all(void *letters)
{
	for (const char *letter = letters; *letter; letter++) {
		if (strchr("pet", *letter)) {
			continue_elsewhere(*letter, letter + 1);
			return NULL;
		}
		do_one(*letter);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	arguments = argv;
	if (argc == 2)
		do_all(argv[1]);
	return 0;
}
