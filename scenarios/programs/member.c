// SPDX-License-Identifier: MIT
// member: joins a segment that several processes share; the last one that leaves removes it.
#include "board.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

enum { MOST_ATTACHMENTS = 8, JOIN_TRIES = 100 };

static struct {
	struct place place;
	long attachments;
	bool looks_first;
} options = {.place = PLACE_DEFAULT, .attachments = 1};

static bool is_gone(void)
{
	return errno == EINVAL || errno == EIDRM;
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
	if (shmctl(id, IPC_RMID, NULL) == -1 && !is_gone())
		err(1, "IPC_RMID");
}

/* Who cannot attach removes what nobody else has attached. */
static _Noreturn void give_up(int id, const char *call)
{
	warn("%s", call);
	if (attachments(id) == 0)
		remove_segment(id);
	exit(1);
}

/* The segment may be removed between shmget and shmat by one who leaves: then it is made anew. */
static int join(struct board **ret_board)
{
	int id = -1;

	for (int i = 0; i < JOIN_TRIES; i++) {
		id = shmget(options.place.key, options.place.bytes, IPC_CREAT | 0600);
		if (id == -1)
			err(1, "shmget");
		*ret_board = shmat(id, NULL, 0);
		if (*ret_board != (void *)-1)
			return id;
		if (!is_gone())
			break;
	}
	give_up(id, "shmat");
}

/* Whether all of them could be. */
static bool detach_all(struct board *const *boards)
{
	bool done = true;

	for (long i = 0; i < options.attachments; i++)
		if (shmdt(boards[i]) == -1) {
			warn("shmdt");
			done = false;
		}
	return done;
}

/* Who looks before it has gone counts itself, as often as it is attached, and others who are about to go. */
static bool leave(int id, struct board *const *boards)
{
	bool is_last = options.looks_first && attachments(id) == 1;
	bool done = detach_all(boards);

	if (!options.looks_first)
		is_last = attachments(id) == 0;
	if (is_last)
		remove_segment(id);
	return done;
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
			give_up(id, "shmat");
	return leave(id, boards) ? 0 : 1;
}
