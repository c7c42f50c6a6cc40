// SPDX-License-Identifier: MIT
// protocol: the table of worlds.
#include "plan.h"

#define NAMESPACE true, "an IPC namespace of the run's own"

enum { GET = 1 << CALL_SHMGET, AT = 1 << CALL_SHMAT, CTL = 1 << CALL_SHMCTL, FTOK = 1 << CALL_FTOK };

static const struct plan_world_row rows[WORLD_COUNT] = {
    [WORLD_REMOVED] = {"removed", "someone removes the segment just before the call", GET | AT | CTL,
		       NAMESPACE},
    [WORLD_STALE] = {"stale", "an older foreign segment with that key is there, not zeroed; stale,SIZE", GET,
		     NAMESPACE},
    [WORLD_FULL] = {"full", "shmmni is reached", GET, NAMESPACE},
    [WORLD_SMALL] = {"small", "shmmax is below the size", GET, NAMESPACE},
    [WORLD_DENIED] = {"denied", "the segment belongs to someone else", GET | AT | CTL, true,
		      "an IPC namespace of the run's own, and a program without CAP_IPC_OWNER"},
    [WORLD_COLLIDE] = {"collide", "ftok returns a key already handed out for another path", FTOK, false,
		       NULL},
    [WORLD_RELOCATE] = {"relocate", "the attach lands at another address than it would", AT, false, NULL},
};

const struct plan_world_row *plan_world_row(unsigned world)
{
	return world > WORLD_NONE && world < WORLD_COUNT ? &rows[world] : NULL;
}
