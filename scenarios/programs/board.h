// SPDX-License-Identifier: MIT
// board: the segment that the programs share, and the options that say which one: --key, --path, --project, --size.
#ifndef SCENARIOS_PROGRAMS_BOARD_H
#define SCENARIOS_PROGRAMS_BOARD_H

#include <argp.h>
#include <err.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>

enum { BOARD_MAGIC = 0x626f6172, BOARD_KEY = 0x5c01, BOARD_BYTES = 4096 };

enum board_state { BOARD_EMPTY, BOARD_WRITTEN, BOARD_READ };

struct board {
	uint32_t magic; /* BOARD_MAGIC, or the segment is not one of ours */
	_Atomic uint32_t state; /* enum board_state; BOARD_WRITTEN publishes all that stands before it */
	char text[]; /* up to the end of the segment, ended by a NUL */
};

struct place {
	key_t key;
	const char *path; /* NULL: the key stands as it is; else it comes from ftok */
	int project;
	size_t bytes;
};

#define PLACE_DEFAULT                                                                                        \
	{                                                                                                    \
		.key = BOARD_KEY, .project = 1, .bytes = BOARD_BYTES                                         \
	}

/* The number in ARG, decimal, 0x... or 0...; anything else ends the program with a usage message. */
static inline long number(const char *arg, const struct argp_state *state)
{
	char *end;
	long value = strtol(arg, &end, 0);

	if (end == arg || *end != '\0')
		argp_error(state, "not a number: %s", arg);
	return value;
}

/* The place of ARG among NAMES, which a NULL ends; any other word ends the program with a usage message. */
static inline int choice(const char *const names[], const char *arg, const struct argp_state *state)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], arg) == 0)
			return i;
	argp_error(state, "unknown word: %s", arg);
	return 0;
}

static inline error_t place_option(int option, char *arg, struct argp_state *state)
{
	struct place *place = state->input;

	switch (option) {
	case 'k':
		place->key = (key_t)number(arg, state);
		return 0;
	case 'p':
		place->path = arg;
		return 0;
	case 'j':
		place->project = (int)number(arg, state);
		return 0;
	case 's':
		place->bytes = (size_t)number(arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option place_options[] = {
    {"key", 'k', "KEY", 0, "The segment's key (0x5c01)", 0},
    {"path", 'p', "PATH", 0, "Take the key from ftok(PATH, project)", 0},
    {"project", 'j', "N", 0, "ftok's second argument (1)", 0},
    {"size", 's', "BYTES", 0, "The segment's size (4096)", 0},
    {0},
};

static const struct argp place_argp = {.options = place_options, .parser = place_option};

/* Every program lists this first in its argp's children, and puts its struct place into child_inputs[0]. */
static const struct argp_child place_child[] = {{&place_argp, 0, "Which segment:", -1}, {0}};

/* The key, or -1 when ftok fails. */
static inline key_t place_key(const struct place *place)
{
	return place->path ? ftok(place->path, place->project) : place->key;
}

static inline void pause_a_moment(void)
{
	static const struct timespec moment = {.tv_nsec = 1000000};

	nanosleep(&moment, NULL);
}

#endif
