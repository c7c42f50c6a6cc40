// SPDX-License-Identifier: MIT
// remover: tidies up after others: removes the segment with a key, if its rule permits.
#include "board.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

static bool always(const struct shmid_ds *status)
{
	(void)status;
	return true;
}

static bool unused(const struct shmid_ds *status)
{
	return status->shm_nattch == 0;
}

/* Nobody has it attached, and who made it is gone: a segment is unused for a moment right after it was made, too. */
static bool orphaned(const struct shmid_ds *status)
{
	return status->shm_nattch == 0 && kill(status->shm_cpid, 0) == -1 && errno == ESRCH;
}

static const char *const rule_names[] = {"always", "unused", "orphaned", NULL};
static bool (*const rules[])(const struct shmid_ds *status) = {always, unused, orphaned};

static struct {
	struct place place;
	int rule;
} options = {.place = PLACE_DEFAULT};

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'i':
		options.rule = choice(rule_names, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"if", 'i', "always|unused|orphaned", 0,
     "unused: nobody has it attached; orphaned: and its maker is dead (always)", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Removes somebody's shared memory.",
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
	if (!rules[options.rule](&status)) {
		printf("remover: in use, left alone\n");
		return 0;
	}
	if (shmctl(id, IPC_RMID, NULL) == -1)
		err(1, "IPC_RMID");
	printf("remover: removed\n");
	return 0;
}
