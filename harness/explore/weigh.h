// SPDX-License-Identifier: MIT
// explore: what a run makes of its point: its verdict, and whether another run is needed.
#ifndef SHMCHECK_HARNESS_EXPLORE_WEIGH_H
#define SHMCHECK_HARNESS_EXPLORE_WEIGH_H

#include "harness/explore/sweep.h"

/* Takes in TRIAL, a run of the point at PLACE that left FILES: its verdict is settled, or it is to be tried again. TRIAL
 * may be emptied. Returns 0 or -errno. */
int weigh(const struct sweep_settings *settings, struct sweep *sweep, size_t place, struct trial *trial,
	  const struct run_files *files);

/* How long TRIED's next run may take, in ms; 0: as long as others. */
int64_t weigh_deadline(const struct sweep *sweep, const struct tried *tried);

/* TRIED has no verdict any more. */
void weigh_retract(struct sweep *sweep, struct tried *tried);

#endif
