// SPDX-License-Identifier: MIT
// permit: gives the segment with a key other permissions, by IPC_SET.
#include "board.h"

#include <stdbool.h>
#include <stdio.h>

static struct {
	struct place place;
	int mode;
	bool careless;
} options = {.place = PLACE_DEFAULT, .mode = 0644};

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'm':
		options.mode = (int)number(arg, state);
		return 0;
	case 'c':
		options.careless = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"mode", 'm', "MODE", 0, "The new permissions (0644)", 0},
    {"careless", 'c', NULL, 0, "Say that it is done without looking", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Changes who may use shared memory.",
					 .children = place_child};
	struct shmid_ds status;
	key_t key;
	int id;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	key = place_key(&options.place);
	if (key == -1)
		err(1, "ftok");
	id = shmget(key, 0, 0);
	if (id == -1)
		err(1, "shmget");
	if (shmctl(id, IPC_STAT, &status) == -1)
		err(1, "IPC_STAT");
	status.shm_perm.mode = (unsigned short)options.mode;
	if (shmctl(id, IPC_SET, &status) == -1 && !options.careless)
		err(1, "IPC_SET");
	printf("permit: mode 0%o\n", (unsigned)options.mode);
	return 0;
}
