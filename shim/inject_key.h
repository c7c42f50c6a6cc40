// SPDX-License-Identifier: MIT
// shim: the keys that ftok has handed out, for world=collide.
#ifndef SHMCHECK_SHIM_INJECT_KEY_H
#define SHMCHECK_SHIM_INJECT_KEY_H

#include "protocol/plan.h"

/* Keeps that PATH has KEY; when there is no more room it is forgotten. Lock-free. */
void key_remember(struct plan *plan, const char *path, int32_t key);

/* The key of another path than PATH, the latest one kept. False when there is none. */
bool key_other(const struct plan *plan, const char *path, int32_t *ret_key);

#endif
