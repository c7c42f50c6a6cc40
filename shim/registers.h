// SPDX-License-Identifier: MIT
// shim: the registers from which a stack is unwound outside.
#ifndef SHMCHECK_SHIM_REGISTERS_H
#define SHMCHECK_SHIM_REGISTERS_H

#include <stdint.h>

/* By DWARF number, as in a stack_entry (x86-64 psABI, figure 3.36). Only those that a callee must keep, the
 * stack pointer and the pc are filled in; the others hold nothing. */
struct registers {
	uint64_t value[17];
	uint64_t caller; /* where the capturing function returns to */
};

enum { REGISTER_SP = 7, REGISTER_PC = 16 };

#endif
