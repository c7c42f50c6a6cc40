// SPDX-License-Identifier: MIT
// family: a parent that makes a segment, and a forked child that writes into it.
#include "board.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUESTS = 3 };

static struct {
	bool attaches_again, anyone_cleans_up;
} options;

/* For the cleanup at exit, which a forked child inherits. */
static int segment = -1;
static pid_t maker;

static struct board *attach(void)
{
	struct board *board = shmat(segment, NULL, 0);

	if (board == (void *)-1)
		err(1, "shmat");
	return board;
}

static void clean_up(void)
{
	if (!options.anyone_cleans_up && getpid() != maker)
		return;
	if (shmctl(segment, IPC_RMID, NULL) == -1) {
		warn("IPC_RMID");
		_exit(1);
	}
}

/* The child has what its parent had attached. One that attaches anew for every request fills its address space. */
static void serve(struct board *inherited)
{
	for (int i = 0; i < REQUESTS; i++) {
		struct board *board = options.attaches_again ? attach() : inherited;

		snprintf(board->text, BOARD_BYTES - sizeof(*board), "%d requests served", i + 1);
	}
	exit(0); /* not _exit: what the parent registered runs here, too */
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	switch (option) {
	case 'a':
		options.attaches_again = true;
		return 0;
	case 'c':
		options.anyone_cleans_up = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"attach-again", 'a', NULL, 0, "The child attaches for every request what it has inherited", 0},
    {"anyone-cleans-up", 'c', NULL, 0, "Remove the segment at exit in the child, too", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {
	    .options = table, .parser = parse, .doc = "Shares memory with a forked child."};
	struct board *board;
	int status;
	pid_t child;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	maker = getpid();
	segment = shmget(IPC_PRIVATE, BOARD_BYTES, IPC_CREAT | 0600);
	if (segment == -1)
		err(1, "shmget");
	atexit(clean_up);
	board = attach();

	child = fork();
	if (child == -1)
		err(1, "fork");
	if (child == 0)
		serve(board);
	if (waitpid(child, &status, 0) == -1)
		err(1, "waitpid");
	printf("family: %s\n", board->text);
	if (shmdt(board) == -1)
		err(1, "shmdt");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
