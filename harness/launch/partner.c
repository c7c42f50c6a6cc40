// SPDX-License-Identifier: MIT
// launch: partners outside that a private IPC namespace hides.
#include "partner.h"

#include <stdlib.h>
#include <string.h>

static int hint_at_display(const struct target *target, struct evidence *evidence)
{
	const char *display = getenv("DISPLAY");
	if (!display || !target->is_x_client || (display[0] != ':' && strncmp(display, "unix:", 5) != 0))
		return 0;
	return evidence_hint(
	    evidence,
	    "DISPLAY=%s is local and %s is an X client: with MIT-SHM the X server must see its "
	    "segments, which a private IPC namespace hides: --isolate=none",
	    display, target->path);
}

int partner_hints(const struct target *target, struct evidence *evidence)
{
	int code = hint_at_display(target, evidence);
	if (code || !getenv("FAKEROOTKEY"))
		return code;
	return evidence_hint(evidence,
			     "FAKEROOTKEY is set: fakeroot talks to its daemon by a message queue, which a "
			     "private IPC namespace hides: --isolate=none");
}
