// SPDX-License-Identifier: MIT
// shim: the writing side of the event log: begun before the real call, done after it.
#ifndef SHMCHECK_SHIM_APPEND_H
#define SHMCHECK_SHIM_APPEND_H

#include "shim/shim.h"

/* An event under way. */
struct entry {
	struct record *record; /* NULL: no block was free: counted as lost */
	uint32_t serial; /* whose record it is: a fork in between makes it somebody else's */
};

/* Takes a record and fills in who and when. The caller adds the arguments, then publishes it. */
struct entry append_take(unsigned event, uint32_t flags);

/* The arguments stand: whoever reads the log now knows that the call began. */
void append_begin(const struct entry *entry);

/* The record to put the result into after the real call; NULL when there is none. In a child that a signal
 * handler forked meanwhile it is a new one. */
struct record *append_result(struct entry *entry);

/* The result stands. */
void append_done(struct record *record);

#endif
