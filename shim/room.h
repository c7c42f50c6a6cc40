// SPDX-License-Identifier: MIT
// shim: room in the session, which the harness makes: it frees blocks, and gives more memory.
#ifndef SHMCHECK_SHIM_ROOM_H
#define SHMCHECK_SHIM_ROOM_H

#include "shim/shim.h"

/* Tells the harness that room runs short. */
void room_ask(struct session *session);

/* Waits until ATTEMPT of CONTEXT succeeds, for as long as the session allows; then nobody waits any more. False: it did
 * not, at the last attempt either. */
bool room_wait(struct session *session, bool (*attempt)(void *context), void *context);

/* arena_intern in the session's ARENA, which grows. */
uint32_t room_intern(struct arena *arena, enum arena_kind kind, const void *data, uint32_t length);

#endif
