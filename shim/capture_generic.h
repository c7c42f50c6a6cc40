// SPDX-License-Identifier: MIT
// shim: what every architecture can tell: the caller alone. Stacks have one frame and are marked truncated.
#ifndef SHMCHECK_SHIM_CAPTURE_GENERIC_H
#define SHMCHECK_SHIM_CAPTURE_GENERIC_H

#include "shim/registers.h"

#define ARCH_CAPTURES 0

#define ARCH_CAPTURE(registers_)                                                                             \
	do {                                                                                                 \
		(registers_)->caller = (uint64_t)(uintptr_t)__builtin_return_address(0);                     \
	} while (0)

#endif
