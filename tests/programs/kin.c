// SPDX-License-Identifier: MIT
// tests: a parent makes a segment, its first child writes into it, its second child reads; the parent removes it.
// Without an argument all are careful; a word names who is not.
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 4096 };
static const char *habit = "none";

static int is(const char *word)
{
	return strcmp(habit, word) == 0;
}

static int writer(int id)
{
	char *at = shmat(id, NULL, 0);
	if (at == (char *)-1 && !is("writer-does-not-check"))
		return 1;
	strcpy(at, "hello");
	return shmdt(at) != 0;
}

static int reader(int id)
{
	char *at = shmat(id, NULL, SHM_RDONLY);
	if (at == (char *)-1)
		return 1;
	puts(at);
	fflush(stdout);
	return shmdt(at) != 0;
}

/* Whether a child that does WORK succeeds. */
static int run(int (*work)(int), int id)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(work(id));
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		habit = argv[1];
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	if (id < 0)
		return 1;
	int good = run(writer, id) && run(reader, id);
	if (!good && is("parent-forgets"))
		return 1;
	return shmctl(id, IPC_RMID, NULL) != 0 || !good;
}
