// SPDX-License-Identifier: MIT
// shim: takes a segment's mode away for the time of one call, so that the kernel denies it.
#ifndef SHMCHECK_SHIM_INJECT_DENIED_H
#define SHMCHECK_SHIM_INJECT_DENIED_H

#include "shim/inject.h"

/* Has the kernel answer CALL with EACCES: the segment's mode becomes 0000, or one with that mode is planted under the
 * key. False when the call asks for nothing that a mode denies, when the segment is not there or not ours, or when the
 * process has a privilege that no mode denies anything to: then plan->world_privileged says so. */
bool denied_make(struct plan *plan, const struct plan_call *call, struct inject *inject);

/* Gives the mode back, or removes what was planted. */
void denied_restore(struct plan *plan, struct inject *inject);

/* By the holder of the window: gives back what one who died there left without its mode. */
void denied_put_back(struct plan *plan);

#endif
