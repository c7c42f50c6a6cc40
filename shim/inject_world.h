// SPDX-License-Identifier: MIT
// shim: changes the world before a real call, so that the kernel itself gives the answer.
#ifndef SHMCHECK_SHIM_INJECT_WORLD_H
#define SHMCHECK_SHIM_INJECT_WORLD_H

#include "shim/inject.h"

/* Makes the world that INJECT's decision asks for, ahead of CALL. Returns whether it was made: a segment that is not
 * there cannot be removed, and a key that is taken cannot be planted. */
bool world_make(struct plan *plan, const struct plan_call *call, struct inject *inject);

/* Gives back what was only needed for the duration of the call. */
void world_restore(struct plan *plan, struct inject *inject);

#endif
