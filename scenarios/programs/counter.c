// SPDX-License-Identifier: MIT
// counter: adds 1 to a number in a segment that is there already.
#include "board.h"

#include "include/shmcheck.h"

#include <stdbool.h>
#include <stdio.h>

static struct {
	struct place place;
	bool plain;
} options = {.place = PLACE_DEFAULT};

/* Between the two points another process may have changed the number: what was read is old. */
static void add_one(_Atomic uint32_t *number)
{
	uint32_t old = atomic_load(number);

	SHMCHECK_POINT("read");
	SHMCHECK_POINT("write");
	if (options.plain)
		atomic_store(number, old + 1);
	else
		while (!atomic_compare_exchange_strong(number, &old, old + 1))
			;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	(void)arg;
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'P':
		options.plain = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"plain", 'P', NULL, 0, "Store the sum without looking whether the number is still the same", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {
	    .options = table, .parser = parse, .doc = "Counts in shared memory.", .children = place_child};
	_Atomic uint32_t *number;
	int id;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	id = shmget(options.place.key, 0, 0);
	if (id == -1)
		err(1, "shmget");
	number = shmat(id, NULL, 0);
	if (number == (void *)-1)
		err(1, "shmat");
	add_one(number);
	if (shmdt((const void *)number) == -1)
		err(1, "shmdt");
	return 0;
}
