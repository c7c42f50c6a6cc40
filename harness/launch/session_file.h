// SPDX-License-Identifier: MIT
// launch: the session's folder and file. What the program may use of it is allocated before: it never takes SIGBUS.
#ifndef SHMCHECK_HARNESS_LAUNCH_SESSION_FILE_H
#define SHMCHECK_HARNESS_LAUNCH_SESSION_FILE_H

#include "protocol/order.h"

#include <stdbool.h>

enum { SESSION_PATH_MAX = 4096, ARENA_BYTES = 2 << 20 };

/* What is allocated at first: enough for a thousand events and hundreds of stacks. */
enum {
	FIRST_BLOCKS = 16,
	BACKLOG_BLOCKS = 256, /* a writer that is faster than we are has no more: they stay in the cache */
	FIRST_ARENA_BYTES = 192 << 10
};

struct session_file {
	char folder[SESSION_PATH_MAX];
	char path[SESSION_PATH_MAX + 16];
	struct session *session;
	struct order *order; /* NULL: none */
	int fd; /* valid with session */
	uint64_t size;
	uint32_t ready_blocks; /* those that have memory */
	uint64_t ready_arena; /* bytes of the arena that have */
	uint32_t blocks; /* our own knowledge, as of all the offsets: the program can write the header */
	uint64_t owners_offset, blocks_offset, arena_offset, arena_size, plan_offset;
};

/* Makes and maps it, in $TMPDIR, /dev/shm or /tmp. Its folder is written to TOLD (NULL: nobody wants to know) before it is
 * there, for who outlives us. Returns 0, or -errno with WHY. */
int session_file_make(struct session_file *file, uint64_t plan_size, uint64_t order_size,
		      char told[SESSION_PATH_MAX], char why[512]);

/* Removes what another process left, which has told FOLDER and died; harmless when it has removed it itself, or is "". */
void session_file_forget(const char *folder);

/* As if it were new, for another run: HEADER is what the program is to find. What the run before used of it was counted; a
 * program that scribbled is not trusted about that, and all of it IS_WHOLLY cleared. */
void session_file_renew(struct session_file *file, const struct session *header, bool is_wholly);

/* Allocates more where less than half is left, TAKEN blocks being in use, HELD of them by threads that live, and tells the
 * shim. Returns whether there is more now; when no more can be had, there never will be. */
bool session_file_grow(struct session_file *file, uint32_t taken, uint32_t held);

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
