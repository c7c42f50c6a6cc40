// SPDX-License-Identifier: MIT
// shim: lowers a limit of the run's own IPC namespace for the time of one shmget.
#ifndef SHMCHECK_SHIM_INJECT_LIMIT_H
#define SHMCHECK_SHIM_INJECT_LIMIT_H

#include "protocol/plan.h"

/* Lowers what WORLD says below what CALL asks for. One thread of the tree at a time. Takes a descriptor for a moment.
 * False when the limit could not be written, or CALL creates nothing. */
bool limit_change(struct plan *plan, const struct plan_call *call, unsigned world);

/* Puts it back and lets others go on. */
void limit_restore(struct plan *plan, unsigned world);

/* For others that create meanwhile. What to remember before a shmget; and, when that one failed with ENOSPC or EINVAL,
 * whether it met a lowered limit, or may have: it is to be made again. Waits until the limit is back, at most two
 * seconds; when the thread that lowered it is dead it is put back first. */
uint64_t limit_watch(const struct plan *plan);
bool limit_disturbed(struct plan *plan, uint64_t seen);

#endif
