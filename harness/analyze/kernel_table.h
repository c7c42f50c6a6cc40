// SPDX-License-Identifier: MIT
// analysis: the second witness: the kernel's own table of segments (/proc/sysvipc/shm).
#ifndef SHMCHECK_HARNESS_ANALYZE_KERNEL_TABLE_H
#define SHMCHECK_HARNESS_ANALYZE_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum { SEGMENT_DEST = 01000 }; /* SHM_DEST of linux/shm.h: marked to be destroyed */

/* A line of the table (ipc/shm.c, sysvipc_shm_proc_show). */
struct kernel_segment {
	int32_t key;
	int shmid;
	unsigned mode; /* permission bits and SEGMENT_DEST */
	uint64_t bytes;
	pid_t cpid, lpid;
	uint64_t nattch;
	uint32_t uid, gid, cuid, cgid;
	int64_t atime, dtime, ctime; /* seconds since the epoch */
};

struct kernel_table {
	struct kernel_segment *segments; /* owned */
	size_t count;
};

/* Reads the table of the calling thread's IPC namespace. Returns 0 or -errno; -EBADMSG for a
 * line that is not as expected. */
int kernel_table_read(struct kernel_table *ret_table);

/* The same from any stream: for tests and kept logs. */
int kernel_table_parse(FILE *stream, struct kernel_table *ret_table);

/* Whether kernel.shm_rmid_forced is set there: then the kernel removes each segment that nobody has attached when its
 * maker is dead. */
bool kernel_removes_orphans(void);

/* The segment with SHMID, or NULL. */
const struct kernel_segment *kernel_table_find(const struct kernel_table *table, int shmid);

void kernel_table_free(struct kernel_table *table);

#endif
