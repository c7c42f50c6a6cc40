// SPDX-License-Identifier: MIT
// protocol: the table of worlds.
#include "plan.h"

#define NAMESPACE true, "an IPC namespace of the run's own"

enum { GET = 1 << CALL_SHMGET, AT = 1 << CALL_SHMAT, CTL = 1 << CALL_SHMCTL, FTOK = 1 << CALL_FTOK };

static const struct plan_world_row rows[WORLD_COUNT] = {
    [WORLD_REMOVED] = {"removed", "someone removes the segment just before the call", GET | AT | CTL,
		       NAMESPACE, "there was no such segment, or the program may not remove it"},
    [WORLD_STALE] = {"stale", "an older foreign segment with that key is there, not zeroed; stale,SIZE", GET,
		     NAMESPACE, "the key is IPC_PRIVATE, or a segment with it was there already"},
    [WORLD_FULL] = {"full", "shmmni is reached", GET, NAMESPACE,
		    "the call makes nothing, or the program gave up root: use --limits or "
		    "error=ENOSPC"},
    [WORLD_SMALL] = {"small", "shmmax is below the size", GET, NAMESPACE,
		     "the call makes nothing, or the program gave up root: use --limits or "
		     "error=EINVAL"},
    [WORLD_DENIED] =
	{"denied", "the segment belongs to someone else", GET | AT | CTL, true,
	 "an IPC namespace of the run's own, and a program without CAP_IPC_OWNER",
	 "the segment is not there or is not the program's, or the call asks for nothing that its mode "
	 "denies"},
    [WORLD_COLLIDE] = {"collide", "ftok returns a key already handed out for another path", FTOK, false, NULL,
		       "ftok had given no key for another path before"},
    [WORLD_RELOCATE] = {"relocate", "the attach lands at another address than it would", AT, false, NULL,
			"the call asks for an address itself, or its id is none"},
};

const struct plan_world_row *plan_world_row(unsigned world)
{
	return world > WORLD_NONE && world < WORLD_COUNT ? &rows[world] : NULL;
}
