// SPDX-License-Identifier: MIT
// launch: turns: of several processes that share a word of memory one at a time has its program run.
#ifndef SHMCHECK_HARNESS_LAUNCH_TURN_H
#define SHMCHECK_HARNESS_LAUNCH_TURN_H

#include <stdint.h>
#include <sys/types.h>

/* The word TURN is 0, or the process that has its turn; NULL: nobody takes turns, and nothing is waited for. Should that one
 * die, the turn stays with its program, which is still alive: until the parent of both has ended it and gives the turn. */

/* Takes the caller's turn when nobody has his. Where SIGTERM, which the caller blocks, tells that nobody wants what it was to
 * do, it goes on without in the end: whoever could give the turn may be dead, too. */
void turn_take(uint32_t *turn);

/* Gives what HOLDER has taken; harmless when it has not. */
void turn_give(uint32_t *turn, pid_t holder);

#endif
