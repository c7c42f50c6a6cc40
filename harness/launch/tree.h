// SPDX-License-Identifier: MIT
// launch: the living descendants of this process.
#ifndef SHMCHECK_HARNESS_LAUNCH_TREE_H
#define SHMCHECK_HARNESS_LAUNCH_TREE_H

#include "harness/analyze/evidence.h"

/* All descendants that are alive (zombies are not), by /proc. As we are their subreaper, none has gone to init.
 * Returns 0 or -errno; the list is the caller's. */
int tree_find(struct survivor **ret_list, size_t *ret_count);

/* SIGKILL to all of them, again and again until none is left to be found. Does not reap. */
void tree_kill(void);

#endif
