// SPDX-License-Identifier: MIT
// launch: what forbids a fork server, seen from outside.
#ifndef SHMCHECK_HARNESS_LAUNCH_SERVER_LOOK_H
#define SHMCHECK_HARNESS_LAUNCH_SERVER_LOOK_H

#include "protocol/session.h"

#include <stdbool.h>
#include <sys/types.h>

/* Why forks of PID, our child, which has come to main and stands still there, would not be what new processes are.
 * REFUSAL_NONE: nothing is known. SESSION_PATH is the one file that it may share with us. */
enum server_refusal server_look(pid_t pid, const char *session_path);

/* Why the IPC namespace that we are in is none that a run could have begun in; IPC_NAMESPACE is the one that PID was
 * started in. */
enum server_refusal server_look_inside(pid_t pid, uint64_t ipc_namespace);

#endif
