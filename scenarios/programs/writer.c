// SPDX-License-Identifier: MIT
// writer: makes a segment, writes a text into it, works, and removes it.
#include "board.h"

#include "include/shmcheck.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

enum existing { EXISTING_REFUSE, EXISTING_USE, EXISTING_REPLACE };
enum removal { REMOVE_LAST, REMOVE_FIRST, REMOVE_NEVER };
enum work { WORK_NONE, WORK_UNTIL_KILLED, WORK_UNTIL_TOLD, WORK_UNTIL_READ };

static const char *const existing_names[] = {"refuse", "use", "replace", NULL};
static const char *const removal_names[] = {"last", "first", "never", NULL};
static const char *const work_names[] = {"none", "until-killed", "until-told", "until-read", NULL};

static struct {
	struct place place;
	enum existing existing;
	enum removal removal;
	enum work work;
	int mode;
	const char *text;
	bool careless, trusting, abandons;
} options = {.place = PLACE_DEFAULT, .mode = 0600, .text = "hello"};

/* Ends the program when a call failed; a careless writer does not look. */
static void check(bool failed, const char *call)
{
	if (failed && !options.careless)
		err(1, "%s", call);
}

/* Whether the segment with KEY was removed: it is only when nobody has it attached. */
static bool remove_abandoned(key_t key)
{
	int id = shmget(key, 0, 0);
	struct shmid_ds status;

	if (id == -1)
		return errno == ENOENT;
	if (shmctl(id, IPC_STAT, &status) == -1)
		return errno == EINVAL || errno == EIDRM;
	if (status.shm_nattch > 0)
		errx(1, "segment %d is in use: %lu attachments", id, (unsigned long)status.shm_nattch);
	warnx("removing segment %d of %zu bytes, which nobody has attached", id, status.shm_segsz);
	return shmctl(id, IPC_RMID, NULL) == 0;
}

static int make_segment(key_t key)
{
	int flags = IPC_CREAT | options.mode | (options.existing == EXISTING_USE ? 0 : IPC_EXCL);
	int id = shmget(key, options.place.bytes, flags);

	if (id == -1 && errno == EEXIST && options.existing == EXISTING_REPLACE) {
		check(!remove_abandoned(key), "cannot remove what was there");
		id = shmget(key, options.place.bytes, flags);
	}
	check(id == -1, "shmget");
	return id;
}

/* A segment that was just made and cannot be attached is of no use to anybody. */
static struct board *attach(int id)
{
	struct board *board = shmat(id, NULL, 0);

	if (board == (void *)-1 && !options.careless) {
		warn("shmat");
		if (!options.abandons && options.existing != EXISTING_USE)
			shmctl(id, IPC_RMID, NULL);
		exit(1);
	}
	return board;
}

/* A trusting writer takes a segment with something in it for one that has been filled already. */
static void fill(struct board *board)
{
	if (options.trusting && board->magic != 0)
		return;
	board->magic = BOARD_MAGIC;
	snprintf(board->text, options.place.bytes - sizeof(*board), "%s", options.text);
	atomic_store(&board->state, BOARD_WRITTEN);
}

/* The signals are blocked from the start: one that comes early waits, and none can come between two calls. */
static void wait_for_signal(const sigset_t *signals)
{
	int number;

	if (sigwait(signals, &number) == 0)
		printf("writer: %s: cleaning up\n", sigabbrev_np(number));
}

static void work(const struct board *board, const sigset_t *signals)
{
	switch (options.work) {
	case WORK_NONE:
		break;
	case WORK_UNTIL_KILLED:
		pause();
		break;
	case WORK_UNTIL_TOLD:
		wait_for_signal(signals);
		break;
	case WORK_UNTIL_READ:
		while (atomic_load(&board->state) != BOARD_READ)
			pause_a_moment();
		break;
	}
}

/* What can be given back is given back, whatever fails on the way. */
static int finish(int id, const struct board *board)
{
	bool failed = false;

	if (shmdt(board) == -1) {
		warn("shmdt");
		failed = true;
	}
	if (options.removal == REMOVE_LAST && shmctl(id, IPC_RMID, NULL) == -1) {
		warn("IPC_RMID");
		failed = true;
	}
	return failed ? 1 : 0;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	switch (option) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options.place;
		return 0;
	case 'e':
		options.existing = (enum existing)choice(existing_names, arg, state);
		return 0;
	case 'r':
		options.removal = (enum removal)choice(removal_names, arg, state);
		return 0;
	case 'w':
		options.work = (enum work)choice(work_names, arg, state);
		return 0;
	case 'm':
		options.mode = (int)number(arg, state);
		return 0;
	case 't':
		options.text = arg;
		return 0;
	case 'a':
		options.abandons = true;
		return 0;
	case 'c':
		options.careless = true;
		return 0;
	case 'T':
		options.trusting = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option table[] = {
    {"existing", 'e', "refuse|use|replace", 0, "When the key is taken already (refuse)", 0},
    {"remove", 'r', "last|first|never", 0, "IPC_RMID after the work, right after shmat, or never (last)", 0},
    {"work", 'w', "none|until-killed|until-told|until-read", 0,
     "How long it works: until-told ends in order at SIGINT or SIGTERM (none)", 0},
    {"mode", 'm', "MODE", 0, "The segment's permissions (0600)", 0},
    {"text", 't', "TEXT", 0, "What it writes (hello)", 0},
    {"abandon", 'a', NULL, 0, "When it cannot be attached, leave the segment as it is", 0},
    {"careless", 'c', NULL, 0, "Check no result on the way", 0},
    {"trusting", 'T', NULL, 0, "Write only into a segment that begins with 0", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {.options = table,
					 .parser = parse,
					 .doc = "Writes a text into shared memory.",
					 .children = place_child};
	struct board *board;
	sigset_t signals;
	key_t key;
	int id;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	if (options.work == WORK_UNTIL_TOLD)
		sigprocmask(SIG_BLOCK, &signals, NULL);

	key = place_key(&options.place);
	check(key == -1, "ftok");
	id = make_segment(key);
	board = attach(id);
	if (options.removal == REMOVE_FIRST)
		check(shmctl(id, IPC_RMID, NULL) == -1, "IPC_RMID");
	fill(board);
	SHMCHECK_POINT("written");
	work(board, &signals);
	printf("writer: the board says: %s\n", board->text);
	return finish(id, board);
}
