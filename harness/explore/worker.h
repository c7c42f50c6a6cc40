// SPDX-License-Identifier: MIT
// explore: the process that makes the runs, one after another.
#ifndef SHMCHECK_HARNESS_EXPLORE_WORKER_H
#define SHMCHECK_HARNESS_EXPLORE_WORKER_H

#include "harness/explore/trial_request.h"

#include <sys/types.h>

/* What a worker answers; the trial lies in the result file, and the run's files come along when there are any. */
struct answer {
	int32_t code; /* 0 or -errno: the result file is empty */
	uint32_t has_files;
};

/* Serves assignments from SOCKET until it is closed, one after another; the trials go to the files RESULTS, by slot.
 * Those with the same TURN (NULL: none) run one program at a time. Never returns; ends with BOSS, its parent. */
_Noreturn void worker_serve(const struct trial_request *request, pid_t boss, int socket, uint32_t *turn,
			    const int results[SLOTS]);

/* The same for a single assignment, whose processes are traced. */
_Noreturn void worker_trace(const struct trial_request *request, pid_t boss, int socket, uint32_t *turn,
			    const int results[SLOTS]);

#endif
