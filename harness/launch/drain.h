// SPDX-License-Identifier: MIT
// launch: the reading side of the event log: a thread that empties blocks while the program runs.
#ifndef SHMCHECK_HARNESS_LAUNCH_DRAIN_H
#define SHMCHECK_HARNESS_LAUNCH_DRAIN_H

#include "harness/launch/launch.h"
#include "harness/launch/session_file.h"

struct drain;

struct drain_totals {
	uint64_t events, bad;
	int error; /* the sink's, or -ENOMEM */
};

/* Starts the thread. FILE must outlive it. NULL, and errno, when memory or threads are short. */
struct drain *drain_start(struct session_file *file, launch_sink *sink, void *context);

/* When every writer is dead, or left alone: takes what is there, calls begun and never done too (RECORD_LIVE), ends
 * the thread and frees DRAIN. */
struct drain_totals drain_finish(struct drain *drain);

/* All of it at once, without a thread: for a run that is over and whose events found room. */
struct drain_totals drain_once(struct session_file *file, launch_sink *sink, void *context);

#endif
