// SPDX-License-Identifier: MIT
// shim: ARCH_CAPTURE(registers): the registers of the function that it stands in.
#ifndef SHMCHECK_SHIM_CAPTURE_H
#define SHMCHECK_SHIM_CAPTURE_H

#include "shim/arch.h"

/* It belongs in the wrapper itself, or in what is inlined there: the unwinder starts in its caller, and
 * `caller` is the wrapper's return address. ARCH_CAPTURES tells whether more than `caller` is filled in. */
#if defined(ARCH_X86_64)
#include "shim/capture_x86_64.h"
#else
#include "shim/capture_generic.h"
#endif

/* What captures registers does nothing else: it must leave those alone that belong to its caller. */
#define APART __attribute__((noinline))

#endif
