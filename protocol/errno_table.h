// SPDX-License-Identifier: MIT
// protocol: which errnos the kernel can really give for which call; one table.
#ifndef SHMCHECK_PROTOCOL_ERRNO_TABLE_H
#define SHMCHECK_PROTOCOL_ERRNO_TABLE_H

#include "plan.h"

/* A row: CALL may fail with ERROR when CONDITION (an if=; NULL: always) holds for its arguments. From the man pages in
 * section 2 and ipc/shm.c; state and privilege are for the caller to judge. */
struct errno_possible {
	unsigned call;
	int error;
	bool is_likely; /* explore's default set; else only under `all` */
	uint8_t world; /* enum plan_world: that can make it true; WORLD_NONE: forged */
	const char *condition;
	const char *note; /* when it happens */
};

/* Rows by INDEX from 0; NULL past the end. Likely ones of a call come first. */
const struct errno_possible *errno_possible_at(unsigned index);

/* Whether ROW can happen to CALL with ARGS (as in struct record). */
bool errno_possible_applies(const struct errno_possible *row, unsigned call, const uint64_t *args);

#endif
