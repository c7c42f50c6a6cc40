// SPDX-License-Identifier: MIT
// shim: how far above the stack pointer memory may be read.
#ifndef SHMCHECK_SHIM_STACK_REACH_H
#define SHMCHECK_SHIM_STACK_REACH_H

#include <stdbool.h>
#include <stdint.h>

/* Set before others look: memory is to be looked at only through copies that the kernel makes. Valgrind would call each
 * comparison of a word that the program never wrote an error of the program's; what the kernel copied counts as
 * written. */
extern bool reach_by_copy;

/* Where the stack of the calling thread ends when SP lies on the one that it was started with; 0 for any other
 * stack (sigaltstack, makecontext, a coroutine library's). All from SP to the end can be read directly. */
uintptr_t stack_reach(uintptr_t sp);

/* Copies up to BYTES from ADDRESS on; returns how many could be read, from the start on: 0 when ADDRESS is not mapped.
 * Never faults. */
uint32_t stack_copy(void *to, uintptr_t address, uint32_t bytes);

/* Whether the page of ADDRESS can be read now. */
bool is_readable(uintptr_t address);

/* The same for many addresses near each other: *PAGE is the page that was found readable last, at first NO_PAGE. */
#define NO_PAGE UINTPTR_MAX
bool is_readable_since(uintptr_t address, uintptr_t *page);

/* Whether TEXT can be read up to its NUL. */
bool is_text_readable(const char *text, uintptr_t *page);

#endif
