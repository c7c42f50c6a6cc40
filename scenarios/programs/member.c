// SPDX-License-Identifier: MIT
// member: joins a segment that several processes share; the last one that leaves removes it.
#include "board.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

enum { MOST_ATTACHMENTS = 8 };

static struct {
	struct place place;
	long attachments;
	bool looks_first;
} options = {.place = PLACE_DEFAULT, .attachments = 1};

static bool is_gone(void)
{
	return errno == EINVAL || errno == EIDRM;
}

/* The segment may be removed between shmget and shmat by one who leaves: then it is made anew. */
static int join(struct board **ret_board)
{
	for (;;) {
		int id = shmget(options.place.key, options.place.bytes, IPC_CREAT | 0600);

		if (id == -1)
			err(1, "shmget");
		*ret_board = shmat(id, NULL, 0);
		if (*ret_board != (void *)-1)
			return id;
		if (!is_gone())
			err(1, "shmat");
	}
}

/* How many attachments the segment has; 0 when it is gone. */
static unsigned long attachments(int id)
{
	struct shmid_ds status;

	if (shmctl(id, IPC_STAT, &status) == 0)
		return status.shm_nattch;
	if (!is_gone())
		err(1, "IPC_STAT");
	return 0;
}

/* Two who are last at the same time may both come here. */
static void remove_segment(int id)
{
	if (shmctl(id, IPC_RMID, NULL) == 0)
		printf("member: removed\n");
	else if (!is_gone())
		err(1, "IPC_RMID");
}

static void detach_all(struct board *const *boards)
{
	for (long i = 0; i < options.attachments; i++)
		if (shmdt(boards[i]) == -1)
			err(1, "shmdt");
}

/* Who looks before it has gone counts itself, as often as it is attached, and others who are about to go. */
static void leave(int id, struct board *const *boards)
{
	bool is_last = options.looks_first && attachments(id) == 1;

	detach_all(boards);
	if (!options.looks_first)
		is_last = attachments(id) == 0;
	if (is_last)
		remove_segment(id);
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'n':
		options.attachments = number(arg, state);
		if (options.attachments < 1 || options.attachments > MOST_ATTACHMENTS)
			argp_error(state, "from 1 to %d attachments", MOST_ATTACHMENTS);
		return 0;
	case 'l':
		options.looks_first = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"attachments", 'n', "N", 0, "Attach it so many times (1)", 0},
    {"look-first", 'l', NULL, 0, "Look whether it is the last one before it detaches, not after", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Shares memory; the last one out removes it.",
					 .children = place_child};
	struct board *boards[MOST_ATTACHMENTS];
	int id;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	id = join(&boards[0]);
	for (long i = 1; i < options.attachments; i++)
		if ((boards[i] = shmat(id, NULL, 0)) == (void *)-1)
			err(1, "shmat");
	leave(id, boards);
	return 0;
}
