// SPDX-License-Identifier: MIT
// private: one segment without a key, for programs that have no other: it is removed however they exit.
#ifndef SCENARIOS_PROGRAMS_PRIVATE_H
#define SCENARIOS_PROGRAMS_PRIVATE_H

#include "board.h"

#include <unistd.h>

static int private_id = -1; /* to be removed */
static pid_t private_maker; /* a forked child inherits what is registered for the exit */

/* Removes it now, or does nothing if that has been done. Ends the program when it cannot. */
static void private_remove(void)
{
	int id = private_id;

	if (id == -1 || getpid() != private_maker)
		return;
	private_id = -1;
	if (shmctl(id, IPC_RMID, NULL) == -1) {
		warn("IPC_RMID");
		_exit(1);
	}
}

/* Makes it, BOARD_BYTES large, and returns its id; ends the program when it cannot. */
static int private_segment(void)
{
	private_maker = getpid();
	private_id = shmget(IPC_PRIVATE, BOARD_BYTES, IPC_CREAT | 0600);
	if (private_id == -1)
		err(1, "shmget");
	atexit(private_remove);
	return private_id;
}

#endif
