// SPDX-License-Identifier: MIT
// shim: the kernel's tables of segments and of this process's attachments, read without heap or stdio.
#ifndef SHMCHECK_SHIM_BOOK_KERNEL_H
#define SHMCHECK_SHIM_BOOK_KERNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/shm.h>

/* Every segment of the IPC namespace, one after another. */
struct kernel_walk {
	int next, last; /* indices of the table */
};
void kernel_walk_begin(struct kernel_walk *ret_walk);
bool kernel_walk_next(struct kernel_walk *walk, int *ret_shmid, struct shmid_ds *ret_state);

/* Whether SHMID exists, and how; what may not be read exists as well. */
bool kernel_has(int shmid, struct shmid_ds *ret_state);

/* Every attachment's beginning in this address space (/proc/self/maps): handed to SEE. False when the file cannot be
 * read. */
typedef void kernel_see(void *context, uint64_t address, uint64_t bytes, int shmid);
bool kernel_attachments(kernel_see *see, void *context);

#endif
