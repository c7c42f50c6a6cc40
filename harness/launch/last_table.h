// SPDX-License-Identifier: MIT
// launch: the kernel's table when the run is over.
#ifndef SHMCHECK_HARNESS_LAUNCH_LAST_TABLE_H
#define SHMCHECK_HARNESS_LAUNCH_LAST_TABLE_H

#include "harness/analyze/evidence.h"

/* Fills EVIDENCE's `after`, unless it was read already. A partner outside the run (an X server) hears of its client's
 * death a moment later than we do: as long as one holds what is marked for removal, it has up to a second to let go. */
void last_table_read(struct evidence *evidence);

#endif
