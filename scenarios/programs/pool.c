// SPDX-License-Identifier: MIT
// pool: makes several private segments, as many as are asked for or as the system lets it, and removes them.
#include "board.h"

#include <stdbool.h>
#include <stdio.h>

enum { POOL_MOST = 64 };

static struct {
	struct place place;
	long count;
	bool abandons;
} options = {.place = PLACE_DEFAULT, .count = 4};

static int remove_all(const int *ids, long count)
{
	int r = 0;

	for (long i = 0; i < count; i++)
		if (shmctl(ids[i], IPC_RMID, NULL) == -1)
			r = -1;
	return r;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'n':
		options.count = number(arg, state);
		if (options.count < 1 || options.count > POOL_MOST)
			argp_error(state, "from 1 to %d segments", POOL_MOST);
		return 0;
	case 'a':
		options.abandons = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"count", 'n', "N", 0, "How many segments (4)", 0},
    {"abandon", 'a', NULL, 0, "When one cannot be made, leave the others as they are", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Makes a pool of shared memory and removes it.",
					 .children = place_child};
	int ids[POOL_MOST];

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	for (long i = 0; i < options.count; i++) {
		ids[i] = shmget(IPC_PRIVATE, options.place.bytes, IPC_CREAT | 0600);
		if (ids[i] == -1) {
			warn("shmget of segment %ld", i + 1);
			if (!options.abandons)
				remove_all(ids, i);
			return 1;
		}
	}
	printf("pool: %ld segments\n", options.count);
	if (remove_all(ids, options.count) == -1)
		err(1, "IPC_RMID");
	return 0;
}
