// SPDX-License-Identifier: MIT
// protocol: what the fork server and the harness tell each other.
#ifndef SHMCHECK_PROTOCOL_SERVER_H
#define SHMCHECK_PROTOCOL_SERVER_H

#include <stdint.h>

/* A fork server: the program's own image, stopped before main, that makes each run of it by a fork. The harness asks for
 * one in a session that nothing has run in. */
enum server_state { SERVER_NONE, SERVER_WANTED, SERVER_READY, SERVER_REFUSED };
enum server_refusal {
	REFUSAL_NONE,
	/* by the program, before main */
	REFUSAL_CALLS,
	REFUSAL_TIMER,
	REFUSAL_ATTRIBUTES,
	/* by the harness */
	REFUSAL_NO_NAMESPACE,
	REFUSAL_ROOTLESS,
	REFUSAL_LIMITS,
	REFUSAL_OBSTACLE,
	REFUSAL_MACHINE,
	REFUSAL_ENDED,
	REFUSAL_SILENT,
	REFUSAL_THREADS,
	REFUSAL_CHILDREN,
	REFUSAL_DESCRIPTOR,
	REFUSAL_STREAMS,
	REFUSAL_MEMORY,
	REFUSAL_OBJECTS,
	REFUSAL_NAMESPACE,
	REFUSAL_KERNEL,
	REFUSAL_FORK,
	REFUSAL_COUNT
};

struct server_words {
	uint32_t state; /* enum server_state: WANTED is the harness's, the others come from the server */
	uint32_t refusal; /* enum server_refusal, before state */
	uint32_t asked; /* futex: the harness bumps it for each run */
	uint32_t answered; /* futex: = asked when the run's process is there */
	int32_t pid; /* of the harness; of the run, or -errno: before answered */
};

#endif
