// SPDX-License-Identifier: MIT
// shim: what the functions of shmcheck.h share.
#ifndef SHMCHECK_SHIM_API_H
#define SHMCHECK_SHIM_API_H

#include "protocol/plan.h"
#include "shim/shim.h"

#include <stdbool.h>

/* The program's own rules; NULL: none. In this process's memory, so that a child's changes stay its own. Atomic. */
extern struct plan *shim_own_plan;

/* One thread of this process at a time, and not from a signal handler that interrupts one. */
void api_lock(void);
void api_unlock(void);

/* Sees to it that this process is in a session, one in its own memory if need be, and has a book. Under the lock.
 * Returns 0 or -errno. */
int api_begin(void);

#endif
