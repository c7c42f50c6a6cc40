// SPDX-License-Identifier: MIT
// shim: register capture on x86-64.
#ifndef SHMCHECK_SHIM_CAPTURE_X86_64_H
#define SHMCHECK_SHIM_CAPTURE_X86_64_H

#include "shim/registers.h"

#define ARCH_CAPTURES 1

#if defined(__clang__)
#define ARCH_FRAME_END() ((uint64_t)(uintptr_t)__builtin_frame_address(0) + 16)
#else
#define ARCH_FRAME_END() ((uint64_t)(uintptr_t)__builtin_dwarf_cfa())
#endif

/* As they are in the caller, at its call: our own frame holds what earlier calls left there, and would make equal
 * stacks different. The function has not touched those registers yet (tools/lint-shim looks at that). */
#define ARCH_CAPTURE(registers_)                                                                             \
	do {                                                                                                 \
		__asm__ volatile("movq %%rbx, 3*8(%0)\n\t"                                                   \
				 "movq %%rbp, 6*8(%0)\n\t"                                                   \
				 "movq %%r12, 12*8(%0)\n\t"                                                  \
				 "movq %%r13, 13*8(%0)\n\t"                                                  \
				 "movq %%r14, 14*8(%0)\n\t"                                                  \
				 "movq %%r15, 15*8(%0)"                                                      \
				 :                                                                           \
				 : "r"((registers_)->value)                                                  \
				 : "memory");                                                                \
		(registers_)->caller = (uint64_t)(uintptr_t)__builtin_return_address(0);                     \
		(registers_)->value[7] = ARCH_FRAME_END();                                                   \
		(registers_)->value[16] = (registers_)->caller - 1;                                          \
	} while (0)

#endif
