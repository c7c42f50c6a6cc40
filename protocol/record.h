// SPDX-License-Identifier: MIT
// protocol: one event of the log, as the shim writes it and the harness reads it.
#ifndef SHMCHECK_PROTOCOL_RECORD_H
#define SHMCHECK_PROTOCOL_RECORD_H

#include "call.h"

#include <stdint.h>

/* A record is begun with its arguments before the real call, done with its result after it.
 * Only the writing thread moves it FREE → BEGUN → DONE (release stores). */
enum record_state { RECORD_FREE, RECORD_BEGUN, RECORD_DONE };

enum record_flag {
	RECORD_CREATED = 1 << 0, /* shmget: this call made the segment, for certain */
	RECORD_CREATED_UNKNOWN = 1 << 1, /* shmget: IPC_CREAT raced 16 times: it may have */
	RECORD_FAILED = 1 << 2, /* the call returned its failure value; .error is errno */
	RECORD_INJECTED = 1 << 3, /* the result is not the kernel's: .rule made it */
	RECORD_WORLD = 1 << 4, /* .rule changed the world first; the result is the kernel's */
	RECORD_AFTER = 1 << 5, /* INJECTED, and the real call was made: .detail[0] is its result */
	RECORD_LIVE = 1 << 6, /* harness only: still begun when it was taken: outcome unknown */
	RECORD_RAW = 1 << 7, /* came through syscall(2), not the named function */
	RECORD_PLANTED = 1 << 8, /* not the program's call: made by .rule's world= on its behalf */
	RECORD_OWN = 1 << 9, /* .rule is one that the program itself set (shmcheck_inject), not the plan's */
	RECORD_DELAYED = 1 << 10, /* a rule made it come late */
	RECORD_ELSEWHERE = 1 << 11, /* in another IPC namespace than the harness's: its ids are others */
	RECORD_HANDED =
	    1 << 12, /* EXEC: another shmcheck, under this one, starts its program, and watches it */
};

/* Why the kernel refused a shmget with ENOSPC or EINVAL: detail[0]; detail[1] is what is in use (SHMMAX: what was asked
 * for), detail[2] the limit. SHMALL counts pages. */
enum limit { LIMIT_NONE, LIMIT_SHMMNI, LIMIT_SHMALL, LIMIT_SHMMAX };

/* How an image came to be: args[0] of EVENT_START. */
enum start_how {
	START_FIRST = 1, /* no SHMCHECK_SELF that fits: PROGRAM itself, or an unseen ancestor */
	START_FORK, /* a child of fork, _Fork or a raw clone, noticed by the wiped page */
	START_EXEC, /* same process, new image */
	START_SPAWN /* a new process's first image: posix_spawn, vfork + exec */
};

/* What took the place of an attachment: args[2] of EVENT_UNMAP. */
enum unmap_how { UNMAP_MUNMAP, UNMAP_MMAP };

/* Who becomes the new image: args[0] of EVENT_EXEC. */
enum exec_how {
	EXEC_SELF, /* the process itself */
	EXEC_SPAWN, /* a new one: posix_spawn, vfork + exec */
	EXEC_LIBC /* a new one, by libc's system or popen, which the shim doesn't see begin */
};

/* args[RECORD_SIGNALS] of a call: the signals that rules sent with it, as bits. */
enum { RECORD_SIGNALS = 3 };
#define RECORD_SIGNAL(number) (UINT64_C(1) << ((number)-1) % 64)

/* One event, two cache lines. Arguments by event:
 *
 * | event  | args[0..3]                      | result            | text        | detail
 * | ftok   | -, proj_id (as passed)          | key               | path        | st_dev, st_ino (0: unknown)
 * | shmget | key, size, shmflg               | shmid             |             | enum limit, in use, the limit
 * | shmat  | shmid, address, shmflg          | address           |             | size in bytes (0: unknown)
 * | shmdt  | address                         | 0                 |             |
 * | shmctl | shmid, command, buffer address  | return value      |             | IPC_SET: mode, uid, gid
 * | START  | start_how, parent's serial, k, ppid | 0             | executable  | role's ref, comm[16] (in 1 and 2)
 * | FORK   | k (child number)                | child's pid       |             |
 * | EXEC   | exec_how, k                     | its pid           | path        |
 * | EXIT   | status (0xffffffff: unknown)    |                   |             |
 * | POINT  |                                 | 0                 | name        |
 * | KEEP   | key                             | 0                 |             |
 * | UNMAP  | address, length, unmap_how      | 0                 |             |
 */
struct record {
	uint32_t state; /* enum record_state; accessed with __atomic builtins */
	uint16_t event; /* enum event */
	uint16_t flags; /* enum record_flag */
	uint64_t begin_ns; /* the session's clock before the real call */
	uint64_t end_ns; /* after it; 0 while BEGUN */
	uint32_t process; /* serial of the address space (START gave it), from 1; 0: unknown */
	uint32_t image; /* counts execs within the process, from 0 */
	int32_t pid; /* as the caller's getpid() has it: in a vfork child, the child's */
	int32_t tid;
	uint64_t args[4]; /* sign-extended where the C type is signed */
	int64_t result;
	int32_t error; /* errno when RECORD_FAILED, else 0 */
	uint32_t rule; /* 0: none; else index + 1 in the plan */
	uint32_t stack; /* arena ref of a stack_entry; 0: none kept */
	uint32_t text; /* arena ref of a string; 0: none kept */
	uint64_t detail[4];
};

_Static_assert(sizeof(struct record) == 128, "two cache lines");

#endif
