// SPDX-License-Identifier: MIT
// protocol: the table of calls: one row for each function that shmcheck watches.
#ifndef SHMCHECK_PROTOCOL_CALL_H
#define SHMCHECK_PROTOCOL_CALL_H

#include <stdint.h>

/* What a record is about. The calls come first, so that `event < CALL_COUNT` means "a call". */
enum event {
	CALL_FTOK,
	CALL_SHMGET,
	CALL_SHMAT,
	CALL_SHMDT,
	CALL_SHMCTL,
	CALL_COUNT,
	EVENT_START = CALL_COUNT, /* a process image that the shim entered */
	EVENT_FORK, /* fork, _Fork: the parent's side */
	EVENT_EXEC, /* exec*, posix_spawn*, system, popen */
	EVENT_EXIT, /* exit, _exit and friends: announced, not proven */
	EVENT_UNMAP, /* munmap, mmap(MAP_FIXED): a range that may end an attachment */
	EVENT_POINT, /* shmcheck_point: the program came to a place that it names */
	EVENT_KEEP, /* shmcheck_expect_persistent: the program means segments with a key to stay */
	EVENT_COUNT
};

/* One row: NAME as in its man page, FAMILY of objects, FAILURE value as the function returns it
 * (ftok: (key_t)-1, shmat: (void *)-1, the rest -1; see their man pages in section 3P), and what
 * its successful result is. */
struct call_row {
	const char *name;
	const char *family;
	intptr_t failure;
	const char *result; /* "key", "shmid", "address", "0" */
};

/* A command of shmctl(2). SUFFIX is the word behind the dot in a rule: shmctl.RMID. */
struct shmctl_row {
	const char *name;
	const char *suffix;
	int command;
};

/* The row of CALL; NULL when it is not below CALL_COUNT. */
const struct call_row *call_row(unsigned call);

/* The call of that NAME (LENGTH bytes); -1 when there is none. */
int call_by_name(const char *name, unsigned length);

/* "shmget", "fork", …: the word for any event; "?" for a number out of range. */
const char *event_name(unsigned event);

/* The table of shmctl's commands; *ret_count gets the number of rows. */
const struct shmctl_row *shmctl_rows(unsigned *ret_count);

/* COMMAND as the kernel takes it: IPC_64 is ignored (ipc/util.c, ipc_parse_version). */
static inline int shmctl_command(int command)
{
	enum { IPC_64_BIT = 0x100 };
	return command & ~IPC_64_BIT;
}

/* The rows as bits: that of COMMAND, 0 when it has none; and all of them. */
uint32_t shmctl_bit(int command);
uint32_t shmctl_bits(void);

/* "IPC_RMID", …; NULL for an unknown command. IPC_64 is ignored. */
const char *shmctl_name(int command);

#endif
