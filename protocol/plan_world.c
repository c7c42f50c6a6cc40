// SPDX-License-Identifier: MIT
// protocol: the table of worlds.
#include "plan.h"

enum { GET = 1 << CALL_SHMGET, AT = 1 << CALL_SHMAT, CTL = 1 << CALL_SHMCTL, FTOK = 1 << CALL_FTOK };

static const struct plan_world_row rows[WORLD_COUNT] = {
    [WORLD_REMOVED] = {"removed", "someone removes the segment just before the call", GET | AT | CTL, true,
		       NULL},
    [WORLD_STALE] = {"stale", "an older foreign segment with that key is there, not zeroed; stale,SIZE", GET,
		     true, NULL},
    [WORLD_FULL] = {"full", "shmmni is reached", GET, false, "a private IPC namespace"},
    [WORLD_SMALL] = {"small", "shmmax is below the size", GET, false, "a private IPC namespace"},
    [WORLD_DENIED] = {"denied", "the segment belongs to someone else", GET | AT | CTL, false,
		      "an unprivileged program and a second uid"},
    [WORLD_COLLIDE] = {"collide", "ftok returns a key already handed out for another path", FTOK, false,
		       NULL},
    [WORLD_RELOCATE] = {"relocate", "the attach lands at another address than before", AT, false, NULL},
};

const struct plan_world_row *plan_world_row(unsigned world)
{
	return world > WORLD_NONE && world < WORLD_COUNT ? &rows[world] : (void *)0;
}
