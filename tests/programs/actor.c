// SPDX-License-Identifier: MIT
// A process that does what its arguments say, one after another: for tests of what processes do to each other.
//
//	create=KEY  find=KEY  attach  detach  remove  stat     calls; one that fails is told on stderr, status 1
//	write=TEXT  read  print=TEXT  cat  who  complain=TEXT  environment=NAME  in the segment; on stdout
//	point=NAME                                              a marked point
//	fork ... end  wait                                      a child that does what stands between, and exits
//	signal=NUMBER  catch=NUMBER  pause  sleep=MS  spin=MS  exit=STATUS
#include "../../include/shmcheck.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 4096 };

static int id = -1;
static char *memory = (void *)-1;

static void check(const char *what, int failed)
{
	if (!failed)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static volatile sig_atomic_t signals;

static void caught(int number)
{
	signals++;
	char text[] = "caught 00\n";
	text[7] = (char)('0' + number / 10);
	text[8] = (char)('0' + number % 10);
	if (write(1, text, 10) != 10)
		_exit(99);
}

static void pass_time(long ms, int spins)
{
	struct timespec now, end;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += ms % 1000 * 1000000;
	end.tv_sec += ms / 1000 + end.tv_nsec / 1000000000;
	end.tv_nsec %= 1000000000;
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while (spins && (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec)));
	while (!spins && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
		continue;
}

static void copy_input(void)
{
	char bytes[SIZE];
	ssize_t length;
	while ((length = read(0, bytes, sizeof bytes)) > 0)
		check("write", write(1, bytes, (size_t)length) != length);
}

/* Until a signal is caught, or has been. */
static void wait_for_signal(void)
{
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &all, NULL);
	while (!signals)
		sigsuspend(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Whether WORD begins with NAME; then what follows is its value. */
static int is(const char *word, const char *name, const char **ret_value)
{
	size_t length = strlen(name);
	*ret_value = word + length;
	return strncmp(word, name, length) == 0;
}

static int call(const char *word)
{
	const char *value;
	struct shmid_ds state;
	if (is(word, "create=", &value))
		check("create",
		      (id = shmget((key_t)strtol(value, NULL, 0), SIZE, IPC_CREAT | IPC_EXCL | 0600)) < 0);
	else if (is(word, "find=", &value))
		check("find", (id = shmget((key_t)strtol(value, NULL, 0), 0, 0)) < 0);
	else if (strcmp(word, "attach") == 0)
		check("attach", (memory = shmat(id, NULL, 0)) == (void *)-1);
	else if (strcmp(word, "detach") == 0)
		check("detach", shmdt(memory));
	else if (strcmp(word, "remove") == 0)
		check("remove", shmctl(id, IPC_RMID, NULL));
	else if (strcmp(word, "stat") == 0)
		check("stat", shmctl(id, IPC_STAT, &state));
	else
		return 0;
	return 1;
}

static int speak(const char *word)
{
	const char *value;
	if (is(word, "write=", &value))
		strcpy(memory, value);
	else if (strcmp(word, "read") == 0)
		printf("%s\n", memory);
	else if (is(word, "print=", &value))
		printf("%s\n", value);
	else if (is(word, "complain=", &value))
		fprintf(stderr, "%s\n", value);
	else if (is(word, "environment=", &value))
		printf("%s\n", getenv(value) ? getenv(value) : "(none)");
	else if (strcmp(word, "cat") == 0)
		copy_input();
	else if (strcmp(word, "who") == 0)
		printf("%d\n", (int)getuid());
	else
		return 0;
	fflush(stdout);
	return 1;
}

static int live(const char *word)
{
	const char *value;
	if (is(word, "point=", &value))
		SHMCHECK_POINT(value);
	else if (is(word, "signal=", &value))
		raise(atoi(value));
	else if (is(word, "catch=", &value))
		signal(atoi(value), caught);
	else if (strcmp(word, "pause") == 0)
		wait_for_signal();
	else if (strcmp(word, "wait") == 0)
		check("wait", wait(NULL) < 0);
	else if (is(word, "sleep=", &value))
		pass_time(atol(value), 0);
	else if (is(word, "spin=", &value))
		pass_time(atol(value), 1);
	else if (is(word, "exit=", &value))
		exit(atoi(value));
	else
		return 0;
	return 1;
}

/* Behind the "end" that belongs to the "fork" before WORD. */
static char **skip_child(char **word)
{
	for (int depth = 1; *word && depth; word++)
		depth += (strcmp(*word, "fork") == 0) - (strcmp(*word, "end") == 0);
	return word;
}

int main(int argc, char **argv)
{
	(void)argc;
	for (char **word = argv + 1; *word; word++) {
		if (strcmp(*word, "end") == 0)
			exit(0);
		if (strcmp(*word, "fork") == 0) {
			pid_t pid = fork();
			check("fork", pid < 0);
			if (pid)
				word = skip_child(word + 1) - 1;
			continue;
		}
		if (!call(*word) && !speak(*word) && !live(*word)) {
			fprintf(stderr, "%s: what is that?\n", *word);
			return 2;
		}
	}
	return 0;
}
