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

/* The window in which a limit is lowered or a segment has no mode: one thread of the tree at a time. */
bool limit_enter(struct plan *plan);
void limit_leave(struct plan *plan);

/* For the calls of others meanwhile. What to remember before a call; and, when that one failed as it would in the window,
 * whether it met one, or may have: it is to be made again. Waits until the window is closed, at most two seconds; when
 * the thread that opened it is dead, what it changed is put back first. */
uint64_t limit_watch(const struct plan *plan);
bool limit_disturbed(struct plan *plan, uint64_t seen);

#endif
