// SPDX-License-Identifier: MIT
// launch: the living descendants of this process.
#ifndef SHMCHECK_HARNESS_LAUNCH_TREE_H
#define SHMCHECK_HARNESS_LAUNCH_TREE_H

#include "harness/analyze/evidence.h"

/* All descendants that are alive (zombies are not), by /proc. As we are their subreaper, none has gone to init.
 * Returns 0 or -errno; the list is the caller's. */
int tree_find(struct survivor **ret_list, size_t *ret_count);

/* Whether PID, alive or a zombie, is a descendant. */
bool tree_has(pid_t pid);

/* Whether PID has ended, though nobody has reaped it yet. */
bool tree_is_zombie(pid_t pid);

/* SIGKILL to all of them, again and again until none is left that can be killed. Does not reap. Returns whether none is
 * left: another user's, of a set-user-id program, may refuse. */
bool tree_kill(void);

/* SIGKILL to our children but those of KEPT, and to whoever becomes our child by that; reaps them. First they have
 * PATIENCE_MS to end by themselves. Returns whether none is left. */
bool tree_end_children(const pid_t *kept, size_t count, unsigned patience_ms);

/* The pids that processes have in nested PID namespaces, at one moment. All zeroes: not looked at yet. */
struct inner_pids {
	pid_t *list;
	size_t count, room;
	bool is_known;
};

/* Whether no process at all has PID in a nested namespace; false when that cannot be told. */
bool tree_is_inner_free(struct inner_pids *inner, pid_t pid);
void tree_forget_inner(struct inner_pids *inner);

#endif
