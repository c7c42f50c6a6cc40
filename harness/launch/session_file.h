// SPDX-License-Identifier: MIT
// launch: the session's folder and file, wholly allocated before the program starts.
#ifndef SHMCHECK_HARNESS_LAUNCH_SESSION_FILE_H
#define SHMCHECK_HARNESS_LAUNCH_SESSION_FILE_H

#include "protocol/order.h"

enum { SESSION_PATH_MAX = 4096, ARENA_BYTES = 2 << 20 };

struct session_file {
	char folder[SESSION_PATH_MAX];
	char path[SESSION_PATH_MAX + 16];
	struct session *session;
	struct order *order; /* NULL: none */
	uint64_t size;
	uint32_t blocks; /* our own knowledge, as of all the offsets: the program can write the header */
	uint64_t owners_offset, blocks_offset, arena_offset, arena_size, plan_offset;
};

/* Makes and maps it, in $TMPDIR, /dev/shm or /tmp. Returns 0, or -errno with WHY. */
int session_file_make(struct session_file *file, uint64_t plan_size, uint64_t order_size, char why[512]);

/* By our own knowledge. */
static inline struct plan *session_file_plan(const struct session_file *file)
{
	return (struct plan *)((char *)file->session + file->plan_offset);
}

static inline struct arena *session_file_arena(const struct session_file *file)
{
	return (struct arena *)((char *)file->session + file->arena_offset);
}

/* Removes the folder and unmaps. Harmless on a file that was never made. */
void session_file_remove(struct session_file *file);

#endif
