// SPDX-License-Identifier: MIT
// detacher: attaches one segment at two addresses, removes it, and detaches: rightly, one of them twice, or in its middle.
#include "private.h"

#include <stdbool.h>
#include <stdio.h>

enum how { HOW_ONCE, HOW_TWICE, HOW_INSIDE };

static const char *const how_names[] = {"once", "twice", "inside", NULL};

static enum how how;

static char *attach(int id)
{
	char *address = shmat(id, NULL, 0);

	if (address == (void *)-1)
		err(1, "shmat");
	return address;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	if (option != 'd')
		return ARGP_ERR_UNKNOWN;
	how = (enum how)choice(how_names, arg, state);
	return 0;
}

static const struct argp_option table[] = {
    {"detach", 'd', "once|twice|inside", 0,
     "Each address once; the first one twice; or where the text ended (once)", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {
	    .options = table, .parser = parse, .doc = "Detaches shared memory, rightly or wrongly."};
	char *first, *second, *cursor;
	bool failed;
	int id;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	id = private_segment();
	first = attach(id);
	second = attach(id);
	private_remove();

	cursor = first + snprintf(first, BOARD_BYTES, "the same memory at two places");
	printf("detacher: %s\n", second);
	failed = shmdt(how == HOW_INSIDE ? cursor : first) == -1;
	failed |= shmdt(how == HOW_TWICE ? first : second) == -1;
	if (failed)
		err(1, "shmdt");
	return 0;
}
