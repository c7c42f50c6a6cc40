// SPDX-License-Identifier: MIT
// protocol: where a signal handler's alternate stack says which stack was interrupted.
#ifndef SHMCHECK_PROTOCOL_SIGNAL_FRAME_H
#define SHMCHECK_PROTOCOL_SIGNAL_FRAME_H

#include <stdbool.h>
#include <stdint.h>

/* What the kernel put on an alternate stack before it called the handler, in a copy of that stack. */
struct signal_frame {
	uint32_t slot; /* of its first word, the handler's return address */
	uint32_t saved, saved_sp, saved_end; /* slots of the interrupted registers but the pc */
	uint64_t restorer, sp, pc; /* the return address; what was interrupted */
};

/* Looks among the COUNT words of the stack at START for a frame by which another stack was left, from the slot before
 * FRAME's on downwards: the outermost is meant. Other words may look so: its pc must lead to code, and its restorer to
 * what signal_frame_is_restorer knows. False: there is none, or this architecture's are not known. */
bool signal_frame_before(const uint64_t *words, uint32_t count, uint64_t start, struct signal_frame *frame);

enum { RESTORER_BYTES = 9 };

/* Whether CODE goes back from a signal handler. */
bool signal_frame_is_restorer(const unsigned char code[RESTORER_BYTES]);

/* Where a copy of the interrupted stack starts: leaf functions use what lies below their stack pointer. */
uint64_t signal_frame_stack(const struct signal_frame *frame);

#endif
