// SPDX-License-Identifier: MIT
// tests: many ways to one call, by frames of every kind.
#ifndef SHMCHECK_TESTS_STACKS_WAYS_H
#define SHMCHECK_TESTS_STACKS_WAYS_H

#include <stdint.h>

/* Calls LAST at the end of the way that WAY chooses: the same functions with frames of the same sizes each time, filled with
 * other data, some of which looks like code or like a frame. At most DEPTH functions, some of which call themselves. For
 * threads: each needs its alternate stack if signals are to come on one. */
void ways_go(uint64_t way, int depth, void (*last)(void));

/* Handlers for SIGUSR1 and, on an alternate stack, SIGUSR2: some of the ways interrupt themselves. */
void ways_handle_signals(void);

/* The stack pointer of this thread when it was last interrupted by a handler on its alternate stack; 0: it was not. */
uintptr_t ways_left_at(void);

#endif
