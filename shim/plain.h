// SPDX-License-Identifier: MIT
// shim: a session that nobody but the program itself has made: without the harness.
#ifndef SHMCHECK_SHIM_PLAIN_H
#define SHMCHECK_SHIM_PLAIN_H

#include "protocol/session.h"

#include <stdbool.h>
#include <stdint.h>

enum { PLAIN_WHY = 512, PLAIN_PATH = 3072 };

struct plain_options {
	const char *rules; /* as in SHMCHECK_INJECT; NULL: none yet */
	const char *
	    log; /* absolute path of the file that the session lies in; NULL: memory, shared by fork, lost by exec */
	uint64_t seed; /* of p= */
	enum stacks_mode stacks;
};

/* Makes and maps a session in the file LOG: a new one, or, when the log of that name belongs to a process that lives,
 * that one; its rules must then be the same. An earlier log whose processes are dead is replaced; another file is not.
 * Returns NULL with one line in WHY; nothing is left behind then. Async-signal-safe, no heap. */
struct session *plain_make(const struct plain_options *options, char why[PLAIN_WHY]);

/* What the variables of ENVIRONMENT ask for. Returns NULL when they ask for nothing; when they ask for something that
 * cannot be had, says so in one line on standard error and ends the process with status 125. RET_PATH gets the path of
 * the log, for the images that follow. */
struct session *plain_from_environment(char *const *environment, char ret_path[PLAIN_PATH]);

#endif
