// SPDX-License-Identifier: MIT
// handshake: one number goes from a writer to a reader; a flag says 0: nothing yet, 1: written, 2: read.
#include "board.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum flag { FLAG_EMPTY, FLAG_WRITTEN, FLAG_READ };
enum side { SIDE_WRITER, SIDE_READER };

static const char *const side_names[] = {"writer", "reader", NULL};

struct exchange {
	int plain_flag;
	_Atomic int flag;
	int number;
};

static struct {
	struct place place;
	enum side side;
	bool plain, watches;
} options = {.place = PLACE_DEFAULT};

static struct exchange *attach(int id)
{
	struct exchange *exchange = shmat(id, NULL, 0);

	if (exchange == (void *)-1)
		err(1, "shmat");
	return exchange;
}

/* Somebody else was the last to attach or detach, and now there is nobody but us. */
static bool partner_is_gone(int id)
{
	struct shmid_ds status;

	if (shmctl(id, IPC_STAT, &status) == -1)
		err(1, "IPC_STAT");
	return status.shm_lpid != getpid() && status.shm_nattch == 1;
}

/* Looks at the flag after it has seen the partner go: what it set before it went counts. */
static bool await_reader(int id, const struct exchange *exchange)
{
	while (atomic_load(&exchange->flag) != FLAG_READ) {
		if (options.watches && partner_is_gone(id))
			return atomic_load(&exchange->flag) == FLAG_READ;
		pause_a_moment();
	}
	return true;
}

/* With a plain int the compiler sees 1 being stored and nothing that changes it: the loop below never ends. */
static bool exchange_plain(struct exchange *exchange)
{
	exchange->number = 42;
	exchange->plain_flag = FLAG_WRITTEN;
	while (exchange->plain_flag != FLAG_READ)
		;
	return true;
}

static bool exchange_atomic(int id, struct exchange *exchange)
{
	exchange->number = 42;
	atomic_store(&exchange->flag, FLAG_WRITTEN);
	return await_reader(id, exchange);
}

static int be_writer(void)
{
	int id = shmget(options.place.key, options.place.bytes, IPC_CREAT | IPC_EXCL | 0600);
	struct exchange *exchange;
	bool is_read;

	if (id == -1)
		err(1, "shmget");
	exchange = attach(id);
	is_read = options.plain ? exchange_plain(exchange) : exchange_atomic(id, exchange);
	if (shmdt(exchange) == -1)
		err(1, "shmdt");
	if (shmctl(id, IPC_RMID, NULL) == -1)
		err(1, "IPC_RMID");
	puts(is_read ? "handshake: it was read" : "handshake: the reader is gone");
	return is_read ? 0 : 1;
}

static int be_reader(void)
{
	struct exchange *exchange;
	int id;

	while ((id = shmget(options.place.key, 0, 0)) == -1) {
		if (errno != ENOENT)
			err(1, "shmget");
		pause_a_moment();
	}
	exchange = attach(id);
	if (options.plain) {
		while (exchange->plain_flag != FLAG_WRITTEN)
			pause_a_moment();
		printf("handshake: read %d\n", exchange->number);
		exchange->plain_flag = FLAG_READ;
	} else {
		while (atomic_load(&exchange->flag) != FLAG_WRITTEN)
			pause_a_moment();
		printf("handshake: read %d\n", exchange->number);
		atomic_store(&exchange->flag, FLAG_READ);
	}
	if (shmdt(exchange) == -1)
		err(1, "shmdt");
	return 0;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'a':
		options.side = (enum side)choice(side_names, arg, state);
		return 0;
	case 'P':
		options.plain = true;
		return 0;
	case 'w':
		options.watches = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"as", 'a', "writer|reader", 0, "Which side (writer)", 0},
    {"plain", 'P', NULL, 0, "The flag is a plain int, not an atomic one", 0},
    {"watch", 'w', NULL, 0, "The writer looks whether the reader is still there", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Hands one number over through shared memory.",
					 .children = place_child};

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	return options.side == SIDE_WRITER ? be_writer() : be_reader();
}
