// SPDX-License-Identifier: MIT
// tests: small tools for tests of what a program leaves.
#ifndef SHMCHECK_TESTS_LEAKS_H
#define SHMCHECK_TESTS_LEAKS_H

#include "own_namespace.h"

#include <sys/shm.h>
#include <sys/wait.h>

enum { SIZE = 8192, MOST = 16 };

static struct shmcheck_mark mark;
static struct shmcheck_leak leaks[MOST];

static inline int make(key_t key)
{
	int id = shmget(key, SIZE, IPC_CREAT | 0600);
	ck_assert_int_ge(id, 0);
	return id;
}

static inline void *attach(int id)
{
	void *address = shmat(id, NULL, 0);
	ck_assert_ptr_ne(address, (void *)-1);
	return address;
}

static inline void drop(int id)
{
	ck_assert_int_eq(shmctl(id, IPC_RMID, NULL), 0);
}

static inline int count(void)
{
	return shmcheck_leaks(&mark, leaks, MOST);
}

static inline void set_mark(void)
{
	mark = shmcheck_mark();
}

/* Runs WORK in a child; returns its exit status. */
static inline int in_child(int (*work)(void))
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		_exit(work());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status), "the child died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

#endif
