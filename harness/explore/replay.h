// SPDX-License-Identifier: MIT
// explore: a run's kept log, read again when its details are wanted.
#ifndef SHMCHECK_HARNESS_EXPLORE_REPLAY_H
#define SHMCHECK_HARNESS_EXPLORE_REPLAY_H

#include "harness/analyze/finding.h"
#include "harness/analyze/ledger.h"
#include "harness/analyze/stack.h"
#include "harness/log/log.h"

struct replay {
	struct ledger *ledger;
	struct findings findings;
	struct stacks *stacks;
	struct log_content content;
};

/* Reads and judges the log behind FD (a memory file). Returns 0 or -errno. */
int replay_open(int fd, struct replay *ret_replay);
void replay_close(struct replay *replay);

#endif
