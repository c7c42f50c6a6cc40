// SPDX-License-Identifier: MIT
// launch: the stack of a crash, copied from a stopped thread in the form that the shim uses.
#ifndef SHMCHECK_HARNESS_LAUNCH_CRASH_STACK_H
#define SHMCHECK_HARNESS_LAUNCH_CRASH_STACK_H

#include "protocol/arena.h"

#include <stdint.h>
#include <sys/types.h>

struct crash_stack;

/* Copies what TID (stopped) has above its stack pointer, with REGISTERS by DWARF number; NULL when it cannot be read. */
struct crash_stack *crash_stack_copy(pid_t tid, const uint64_t registers[STACK_REGISTERS]);

/* Puts those words into ARENA that look like code or like a stack address. Returns its ref; 0: no room. */
uint32_t crash_stack_intern(const struct crash_stack *stack, struct arena *arena);

void crash_stack_free(struct crash_stack *stack);

#endif
