// SPDX-License-Identifier: MIT
// shim: lowers a limit of the run's own IPC namespace for the time of one shmget.
#ifndef SHMCHECK_SHIM_INJECT_LIMIT_H
#define SHMCHECK_SHIM_INJECT_LIMIT_H

#include "protocol/plan.h"

/* Lowers what WORLD says below what CALL asks for. One thread of the tree at a time; others that create wait in
 * limit_wait. Takes a descriptor for a moment. False when the limit could not be written, or CALL creates nothing. */
bool limit_change(struct plan *plan, const struct plan_call *call, unsigned world);

/* Puts it back and lets others go on. */
void limit_restore(struct plan *plan, unsigned world);

/* Waits while another thread has a limit changed; at most two seconds. When that thread is dead its limit is put
 * back first. */
void limit_wait(struct plan *plan);

#endif
