// SPDX-License-Identifier: MIT
// protocol: the layout of the one mapped file that the shim and the harness share.
#ifndef SHMCHECK_PROTOCOL_SESSION_H
#define SHMCHECK_PROTOCOL_SESSION_H

#include "arena.h"
#include "clock.h"
#include "record.h"
#include "server.h"

#include <stddef.h>
#include <stdint.h>

#define SESSION_MAGIC "shmcheck"
enum { SESSION_VERSION = 2 };

/* The variables that a program under shmcheck sees beside LD_PRELOAD. */
#define ENV_SESSION "SHMCHECK_SESSION" /* path of the session file */
#define ENV_SELF    "SHMCHECK_SELF" /* pid:serial:image:children:role of who called exec; see shim/self.h */
#define ENV_INJECT  "SHMCHECK_INJECT" /* rules, without the harness */
#define ENV_LOG     "SHMCHECK_LOG" /* log file, without the harness */
#define ENV_STACKS  "SHMCHECK_STACKS" /* none, create, all: without the harness */
#define ENV_SEED    "SHMCHECK_SEED" /* of p=, a number: without the harness */

enum { BLOCK_RECORDS = 64, SESSION_BLOCKS = 1024, ROLE_MAX = 64 };
enum {
	SELF_LENGTH = 4 * 11 + ROLE_MAX - 1
}; /* of what SHMCHECK_SELF holds, always: zeros in front fill it */
enum stacks_mode { STACKS_NONE, STACKS_CREATE, STACKS_ALL };

/* A run's first process may be made early, while another run is under way: it waits before anything of the program's own
 * is done. */
enum gate { GATE_NONE, GATE_CLOSED, GATE_OPEN };

/* Who writes in a block: pid << 32 | tid, 0 when free. One compare-and-swap of it is the allocation.
 * The harness alone sets it back to 0, when all 64 records were taken or the owner is dead. */
struct block_owner {
	uint64_t owner;
};
#define OWNER_FOREIGN (UINT64_C(1) << 31) /* pid and tid are of another PID namespace than the harness's */
#define OWNER_DEAD    UINT64_MAX /* its image is gone by exec: the thread's ids may live on */

struct block {
	struct record records[BLOCK_RECORDS];
};

/* Until `mutable` all but two words are set by the harness before the program starts and never change. Those two say how
 * much of the file has memory; the harness alone gives more, when it sees that what there is runs short. A program that
 * does little needs little of it, and to allocate and free it all took a third of the time of a short run. */
struct session {
	char magic[8];
	uint32_t version;
	uint32_t header_size; /* sizeof(struct session): a second guard against a mismatch */
	uint64_t total_size; /* of the file */
	uint64_t owners_offset; /* struct block_owner[block_count] */
	uint64_t blocks_offset; /* struct block[block_count] */
	uint64_t arena_offset;
	uint64_t plan_offset; /* struct plan; 0: no rules */
	uint64_t plan_size;
	uint32_t block_count; /* atomic: blocks that have memory */
	uint32_t stacks; /* enum stacks_mode */
	uint32_t wait_ms; /* how long a call waits for a free block (2 000); 0: never (no harness) */
	uint32_t sleep_scale_ppm; /* the program's sleeps: 1 000 000 is as written */
	uint64_t pid_namespace,
	    ipc_namespace; /* inodes of the harness's own, or of the log's maker; 0: unknown */
	uint64_t order_offset; /* struct order; 0: no order is forced */
	uint64_t order_size;
	uint64_t rules_text; /* without the harness: arena ref of the rules as they were given; 0: none */
	uint64_t
	    command; /* without the harness: arena ref of the words of PROGRAM, each with its NUL; 0: unknown */
	int32_t reaper; /* pid of the harness, whom the program's orphans fall to; 0: unknown */
	uint64_t arena_room; /* atomic: what the arena's size, in its own header, may grow to */
	struct session_clock clock;

	/* mutable; each on a cache line of its own where both sides write often */
	_Alignas(64) uint32_t next_process; /* atomic: last serial handed out */
	uint32_t gone; /* atomic: a wait ended in vain: nobody waits again */
	_Alignas(64) uint32_t free_seq; /* futex: the harness bumps it after freeing blocks */
	uint32_t waiters; /* atomic: threads asleep on free_seq */
	_Alignas(64) uint32_t wake_seq; /* futex: the shim bumps it when blocks run short */
	uint32_t taken; /* atomic, a hint: blocks allocated */
	uint32_t block_hint; /* atomic: where the search for a free block starts */
	_Alignas(64) uint64_t lost; /* atomic: events that found no block */
	_Alignas(64) struct server_words server;
	uint32_t
	    gate; /* futex, enum gate: the harness closes and opens it, who passes sets it back to NONE */
	_Alignas(64) uint64_t end[0];
};

static inline struct block_owner *session_owners(struct session *session)
{
	return (struct block_owner *)((char *)session + session->owners_offset);
}

static inline struct block *session_blocks(struct session *session)
{
	return (struct block *)((char *)session + session->blocks_offset);
}

static inline struct arena *session_arena(struct session *session)
{
	return (struct arena *)((char *)session + session->arena_offset);
}

/* Whether the command made it, and drains it. */
static inline int session_has_harness(const struct session *session)
{
	return session->wait_ms != 0;
}

struct plan;

/* NULL: there are no rules. */
static inline struct plan *session_plan(struct session *session)
{
	return session->plan_offset ? (struct plan *)((char *)session + session->plan_offset) : NULL;
}

/* Where the parts lie; the blocks are last. */
struct session_layout {
	uint64_t owners, plan, arena, blocks, total;
};

/* The layout of a session of BLOCKS blocks, ARENA_SIZE bytes of arena and PLAN_SIZE bytes of plan. */
struct session_layout session_layout(uint32_t blocks, uint64_t arena_size, uint64_t plan_size);

/* Formats SIZE zeroed bytes at MEMORY as session_layout says. Used by the harness, and by the shim
 * when it runs without one. Returns 0, or -EINVAL when SIZE does not fit. */
int session_init(void *memory, uint64_t size, uint32_t blocks, uint64_t arena_size, uint64_t plan_size);

/* Divides the PLAN_SIZE bytes that session_init had into a plan of SIZE bytes and, behind it, ORDER_SIZE bytes of
 * order; either may be 0. Returns 0, or -EINVAL when they do not fit. */
int session_divide(struct session *session, uint64_t size, uint64_t order_size);

/* Whether SIZE bytes at MEMORY are a session of this version whose offsets all lie inside. */
int session_is_valid(const void *memory, uint64_t size);

#endif
