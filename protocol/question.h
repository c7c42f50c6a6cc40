// SPDX-License-Identifier: MIT
// protocol: what libshmcheck asks of the command (`shmcheck explain`) on its standard input.
#ifndef SHMCHECK_PROTOCOL_QUESTION_H
#define SHMCHECK_PROTOCOL_QUESTION_H

#include "include/shmcheck.h"

#include <stdint.h>

#define QUESTION_MAGIC "shmask01"
enum { QUESTION_LEAKS_MOST = 4096 };

/* The answer: for people, or one line "LINE\tFILE\tFUNCTION" for the first leak ("0\t\t" when it is not known). */
enum question_kind { QUESTION_EXPLAIN = 1, QUESTION_PLACE };

/* This, COUNT times struct shmcheck_leak, then ARENA_SIZE bytes of the session's arena, in which the stacks lie. */
struct question {
	char magic[8];
	uint32_t kind; /* enum question_kind */
	uint32_t count;
	uint64_t arena_size;
};

#endif
