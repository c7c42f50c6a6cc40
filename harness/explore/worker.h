// SPDX-License-Identifier: MIT
// explore: the process that makes the runs, one after another.
#ifndef SHMCHECK_HARNESS_EXPLORE_WORKER_H
#define SHMCHECK_HARNESS_EXPLORE_WORKER_H

#include "harness/explore/folder.h"
#include "harness/explore/trial_request.h"
#include "harness/launch/session_file.h"

#include <sys/types.h>

/* What a worker answers; the trial lies in the result file, and the run's files come along when there are any. */
struct answer {
	int32_t code; /* 0 or -errno: the result file is empty */
	uint32_t has_files;
};

/* The folders of a worker, shared with its parent, which removes them should it die; "": none. */
struct worker_folders {
	char session[SESSION_PATH_MAX];
	char copy[FOLDER_PATH_MAX];
};

struct workplace {
	pid_t boss; /* its parent, with which it ends */
	int socket; /* assignments come, until it is closed */
	const int *results; /* files that the trials go to, by slot */
	uint32_t *turn; /* those with the same one run one program at a time; NULL: nobody waits */
	struct worker_folders *folders;
};

/* Serves assignments, one after another. Never returns. */
_Noreturn void worker_serve(const struct trial_request *request, const struct workplace *place);

/* The same for a single assignment, whose processes are traced. */
_Noreturn void worker_trace(const struct trial_request *request, const struct workplace *place);

#endif
