// SPDX-License-Identifier: MIT
// launch: a fork server: the program's image stopped before main, which makes the runs of a station by fork.
#ifndef SHMCHECK_HARNESS_LAUNCH_SERVER_H
#define SHMCHECK_HARNESS_LAUNCH_SERVER_H

#include "harness/launch/sandbox.h"
#include "harness/launch/target.h"
#include "protocol/session.h"

#include <stdbool.h>
#include <sys/types.h>

struct server {
	pid_t pid; /* our child; 0: there is none */
	int pidfd, home; /* the server; our own IPC namespace. -1 */
	int children; /* the list of ours; -1 */
};

#define SERVER_NONE_YET ((struct server){0, -1, -1, -1})

/* Why there can be none for a program like TARGET in SANDBOX, told before it is started. */
enum server_refusal server_forbidden(const struct sandbox *sandbox, const struct target *target);

/* PID has just been started in SESSION, which wants a server and lies in SESSION_PATH. Waits until it serves. When it
 * refuses, is silent for too long, or would not be right, it is ended and reaped with all its descendants, and RET_SERVER
 * stays untouched. */
enum server_refusal server_await(struct session *session, const char *session_path, pid_t pid,
				 struct server *ret_server);

/* Has it make the process of a run, our child, which waits at the session's gate. Returns its pid and, in *RET_TABLE, its
 * namespace's table; or -errno, and then the server is no more. */
pid_t server_ask(struct server *server, struct session *session, int *ret_table);

/* Whether the server is the only child that we have. Called when none can be reaped. */
bool server_is_alone(const struct server *server);

/* Ends and reaps it. Harmless when there is none. */
void server_end(struct server *server);

/* It was reaped. */
void server_forget(struct server *server);

/* A sentence. */
const char *server_sentence(enum server_refusal refusal);

#endif
