// SPDX-License-Identifier: MIT
// heir: writes into a segment and executes itself; the new image, which has nothing attached, reads it.
#include "board.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static struct {
	bool hands_address;
	int id;
	const struct board *address;
} options = {.id = -1};

static void check(bool failed, const char *call)
{
	if (failed)
		err(1, "%s", call);
}

/* A segment that cannot be attached is of no use to anybody. */
static struct board *attach(int id, int flags)
{
	struct board *board = shmat(id, NULL, flags);

	if (board == (void *)-1) {
		warn("shmat");
		shmctl(id, IPC_RMID, NULL);
		exit(1);
	}
	return board;
}

/* Hands the segment on by its id, which the new image can attach, or by the address that it had here. */
static void bequeath(const char *self)
{
	char heritage[64];
	struct board *board;
	int id = shmget(IPC_PRIVATE, BOARD_BYTES, IPC_CREAT | 0600);

	check(id == -1, "shmget");
	board = attach(id, 0);
	snprintf(board->text, BOARD_BYTES - sizeof(*board), "from before the exec");
	if (options.hands_address) {
		/* what the author thought would last as long as the attachment */
		check(shmctl(id, IPC_RMID, NULL) == -1, "IPC_RMID");
		snprintf(heritage, sizeof(heritage), "--address=%p", (void *)board);
	} else {
		snprintf(heritage, sizeof(heritage), "--id=%d", id);
	}
	execl("/proc/self/exe", self, heritage, NULL);
	err(1, "exec");
}

static void inherit(void)
{
	const struct board *board = options.address;

	if (!board) {
		board = attach(options.id, SHM_RDONLY);
		check(shmctl(options.id, IPC_RMID, NULL) == -1, "IPC_RMID");
	}
	printf("heir: %s\n", board->text);
	check(shmdt(board) == -1, "shmdt");
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case 'h':
		options.hands_address = true;
		return 0;
	case 'i':
		options.id = (int)number(arg, state);
		return 0;
	case 'a':
		options.address = (const void *)(uintptr_t)number(arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"hand-address", 'h', NULL, 0, "Hand on the address, not the id", 0},
    {"id", 'i', "ID", 0, "Read this segment", 0},
    {"address", 'a', "ADDRESS", 0, "Read what stands at this address", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Hands shared memory on to the program that it executes."};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (options.id == -1 && !options.address)
		bequeath(argv[0]);
	inherit();
	return 0;
}
