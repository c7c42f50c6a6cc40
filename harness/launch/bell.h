// SPDX-License-Identifier: MIT
// launch: wakes the supervising thread when the session's order has something to be looked at.
#ifndef SHMCHECK_HARNESS_LAUNCH_BELL_H
#define SHMCHECK_HARNESS_LAUNCH_BELL_H

#include "protocol/order.h"

struct bell;

/* Starts a thread that sends the calling one SIGCHLD, which it must have blocked, whenever ORDER's events were
 * counted. ORDER must outlive it. NULL when memory or threads are short. */
struct bell *bell_start(struct order *order);

/* Ends the thread and frees BELL (NULL: nothing). */
void bell_stop(struct bell *bell);

#endif
