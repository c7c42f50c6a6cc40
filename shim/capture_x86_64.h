// SPDX-License-Identifier: MIT
// shim: register capture on x86-64.
#ifndef SHMCHECK_SHIM_CAPTURE_X86_64_H
#define SHMCHECK_SHIM_CAPTURE_X86_64_H

#include "shim/registers.h"

#define ARCH_CAPTURES 1

/* One statement, so that the compiler cannot move the stack pointer between two of its stores. */
#define ARCH_CAPTURE(registers_)                                                                             \
	do {                                                                                                 \
		__asm__ volatile("movq %%rbx, 3*8(%0)\n\t"                                                   \
				 "movq %%rbp, 6*8(%0)\n\t"                                                   \
				 "movq %%rsp, 7*8(%0)\n\t"                                                   \
				 "movq %%r12, 12*8(%0)\n\t"                                                  \
				 "movq %%r13, 13*8(%0)\n\t"                                                  \
				 "movq %%r14, 14*8(%0)\n\t"                                                  \
				 "movq %%r15, 15*8(%0)\n"                                                    \
				 "1:\tleaq 1b(%%rip), %%rax\n\t"                                             \
				 "movq %%rax, 16*8(%0)"                                                      \
				 :                                                                           \
				 : "r"((registers_)->value)                                                  \
				 : "rax", "memory");                                                         \
		(registers_)->caller = (uint64_t)(uintptr_t)__builtin_return_address(0);                     \
	} while (0)

#endif
