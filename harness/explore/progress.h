// SPDX-License-Identifier: MIT
// explore: how far it is: a line that is written over on a terminal, one now and then elsewhere.
#ifndef SHMCHECK_HARNESS_EXPLORE_PROGRESS_H
#define SHMCHECK_HARNESS_EXPLORE_PROGRESS_H

#include "harness/explore/sweep.h"

struct progress;

/* Of a sweep by SETTINGS, which must outlive it, for standard error; NULL when QUIET or memory is short: nothing is shown
 * then. */
struct progress *progress_new(const struct sweep_settings *settings, bool quiet);

/* Shows SWEEP when it is time to. CONTEXT is the progress. */
void progress_show(void *context, const struct sweep *sweep);

/* Clears the line and frees. */
void progress_end(struct progress *progress);

#endif
