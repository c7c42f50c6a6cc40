// SPDX-License-Identifier: MIT
// protocol: the table of calls: one row for each function that shmcheck watches.
#include "call.h"

#include <linux/shm.h>
#include <stddef.h>
#include <string.h>

static const struct call_row calls[CALL_COUNT] = {
    [CALL_FTOK] = {"ftok", "key", -1, "key"},       [CALL_SHMGET] = {"shmget", "shm", -1, "shmid"},
    [CALL_SHMAT] = {"shmat", "shm", -1, "address"}, [CALL_SHMDT] = {"shmdt", "shm", -1, "0"},
    [CALL_SHMCTL] = {"shmctl", "shm", -1, "0"},
};

/* linux/shm.h and linux/ipc.h */
static const struct shmctl_row commands[] = {
    {"IPC_RMID", "RMID", IPC_RMID},
    {"IPC_STAT", "STAT", IPC_STAT},
    {"IPC_SET", "SET", IPC_SET},
    {"IPC_INFO", "INFO", IPC_INFO},
    {"SHM_LOCK", "LOCK", SHM_LOCK},
    {"SHM_UNLOCK", "UNLOCK", SHM_UNLOCK},
    {"SHM_STAT", "SHM_STAT", SHM_STAT},
    {"SHM_INFO", "SHM_INFO", SHM_INFO},
    {"SHM_STAT_ANY", "STAT_ANY", SHM_STAT_ANY},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

const struct call_row *call_row(unsigned call)
{
	return call < CALL_COUNT ? &calls[call] : NULL;
}

int call_by_name(const char *name, unsigned length)
{
	for (int i = 0; i < CALL_COUNT; i++)
		if (strlen(calls[i].name) == length && memcmp(calls[i].name, name, length) == 0)
			return i;
	return -1;
}

const char *event_name(unsigned event)
{
	static const char *const others[] = {"start", "fork", "exec", "exit", "unmap", "point", "keep"};
	if (event < CALL_COUNT)
		return calls[event].name;
	return event < EVENT_COUNT ? others[event - CALL_COUNT] : "?";
}

const struct shmctl_row *shmctl_rows(unsigned *ret_count)
{
	*ret_count = COMMANDS;
	return commands;
}

uint32_t shmctl_bit(int command)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		if (commands[i].command == shmctl_command(command))
			return 1u << i;
	return 0;
}

uint32_t shmctl_bits(void)
{
	return (1u << COMMANDS) - 1;
}

const char *shmctl_name(int command)
{
	uint32_t bit = shmctl_bit(command);
	return bit ? commands[__builtin_ctz(bit)].name : NULL;
}
