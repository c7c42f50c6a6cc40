// SPDX-License-Identifier: MIT
// launch: the kernel's table when the run is over.
#include "last_table.h"

#include <unistd.h>

enum { GRACE_MS = 1000, LOOK_MS = 10 };

/* New since the run began, marked for removal, and yet attached. */
static bool has_pinned(const struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->after.count; i++) {
		const struct kernel_segment *segment = &evidence->after.segments[i];
		if (segment->mode & SEGMENT_DEST && segment->nattch > 0 &&
		    !kernel_table_find(&evidence->before, segment->shmid))
			return true;
	}
	return false;
}

void last_table_read(struct evidence *evidence)
{
	if (evidence->after.segments)
		return;
	kernel_table_read(&evidence->after);
	evidence->removes_orphans = kernel_removes_orphans(); /* the program may have set it */
	/* in a namespace of our own, or by a descendant, it is held for good */
	bool may_change = evidence->isolation == ISOLATION_NONE && evidence->survivor_count == 0;
	for (int waited = 0; may_change && waited < GRACE_MS && has_pinned(evidence); waited += LOOK_MS) {
		usleep(LOOK_MS * 1000);
		kernel_table_free(&evidence->after);
		kernel_table_read(&evidence->after);
	}
}
