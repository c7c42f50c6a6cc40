// SPDX-License-Identifier: MIT
// reader: finds the writer's segment by its key and prints the text in it.
#include "board.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

static struct {
	struct place place;
	long tries;
	bool careless, hasty, mark, read_only, removes;
} options = {.place = PLACE_DEFAULT, .tries = 1};

static void check(bool failed, const char *call)
{
	if (failed && !options.careless)
		err(1, "%s", call);
}

/* The segment's id; it is looked for once a millisecond, as often as --tries says. */
static int find(key_t key)
{
	for (long i = 0;; i++) {
		int id = shmget(key, 0, 0);

		if (id != -1 || errno != ENOENT || options.careless)
			return id;
		if (i + 1 >= options.tries)
			errx(1, "no such segment after %ld tries", options.tries);
		pause_a_moment();
	}
}

/* A segment that was found may not be filled yet, or be somebody else's. A hasty reader reads at once. */
static void await_text(struct board *board)
{
	if (options.hasty)
		return;
	for (long i = 0; atomic_load(&board->state) == BOARD_EMPTY; i++) {
		if (i + 1 >= options.tries)
			errx(1, "nothing was written after %ld tries", options.tries);
		pause_a_moment();
	}
	if (board->magic != BOARD_MAGIC)
		errx(1, "not one of our segments");
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'n':
		options.tries = number(arg, state);
		return 0;
	case 'c':
		options.careless = true;
		return 0;
	case 'h':
		options.hasty = true;
		return 0;
	case 'm':
		options.mark = true;
		return 0;
	case 'o':
		options.read_only = true;
		return 0;
	case 'r':
		options.removes = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"tries", 'n', "N", 0, "How often to look for the segment and for the text (1)", 0},
    {"careless", 'c', NULL, 0, "Check no result", 0},
    {"hasty", 'h', NULL, 0, "Read at once, written or not", 0},
    {"mark", 'm', NULL, 0, "Tell the writer, in the segment, that it was read", 0},
    {"read-only", 'o', NULL, 0, "Attach with SHM_RDONLY", 0},
    {"remove", 'r', NULL, 0, "Remove the segment once it is attached", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Reads a text from shared memory.",
					 .children = place_child};
	struct board *board;
	key_t key;
	int id;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	key = place_key(&options.place);
	check(key == -1, "ftok");
	id = find(key);
	check(id == -1, "shmget");
	board = shmat(id, NULL, options.read_only ? SHM_RDONLY : 0);
	check(board == (void *)-1, "shmat");
	if (options.removes)
		check(shmctl(id, IPC_RMID, NULL) == -1, "IPC_RMID");
	await_text(board);
	printf("reader: the board says: %s\n", board->text);
	if (options.mark)
		atomic_store(&board->state, BOARD_READ);
	check(shmdt(board) == -1, "shmdt");
	return 0;
}
