// SPDX-License-Identifier: MIT
// explore: a run's kept log, read again when its details are wanted.
#ifndef SHMCHECK_HARNESS_EXPLORE_REPLAY_H
#define SHMCHECK_HARNESS_EXPLORE_REPLAY_H

#include "harness/analyze/finding.h"
#include "harness/analyze/ledger.h"
#include "harness/analyze/stack.h"
#include "harness/log/log.h"

enum { REPLAY_LAST = 6 };

struct replay {
	struct ledger *ledger;
	struct findings findings;
	struct stacks *stacks; /* the caller's */
	struct log_content content;
	uint64_t wanted_ns; /* begin_ns of a call that is looked for; 0: none */
	struct record wanted; /* that call; state FREE when it was not found */
	struct record last[REPLAY_LAST]; /* the last calls: number n is at n % REPLAY_LAST */
	size_t calls;
};

/* Reads and judges the log behind FD (a memory file); looks for the call that began at WANTED_NS. *STACKS work on it until
 * it is closed; they are made by the first (NULL) and used again by the next. Returns 0 or -errno. */
int replay_open(int fd, uint64_t wanted_ns, struct stacks **stacks, struct replay *ret_replay);
void replay_close(struct replay *replay);

#endif
