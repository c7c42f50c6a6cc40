// SPDX-License-Identifier: MIT
// shim: call stacks: a sparse copy, recognised cheaply when it comes again.
#ifndef SHMCHECK_SHIM_STACK_H
#define SHMCHECK_SHIM_STACK_H

#include "protocol/arena.h"
#include "shim/registers.h"

#include <stdbool.h>
#include <stdint.h>

/* Stacks go to ARENA from now on (NULL: nowhere). UNDER_VALGRIND: looked at only in a copy that the kernel made, which is
 * slower. Call it before other threads capture. */
void stack_attach(struct arena *arena, bool under_valgrind);

/* The ref of the stack that starts at REGISTERS (see ARCH_CAPTURE), as an entry of protocol/arena.h; 0 when none
 * could be kept (no arena, or it is full: counted there). Async-signal-safe, takes no lock, allocates nothing, uses
 * less than 1 KiB of stack, reads no address that may be unmapped, and keeps errno. */
uint32_t stack_capture(const struct registers *registers);

/* Forgets which stacks were seen: a module may have been unloaded and another one loaded in its place. */
void stack_modules_changed(void);

#endif
