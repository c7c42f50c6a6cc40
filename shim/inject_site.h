// SPDX-License-Identifier: MIT
// shim: in=MODULE+0xOFFSET<0xOFFSET...: one call site, and what called it.
#ifndef SHMCHECK_SHIM_INJECT_SITE_H
#define SHMCHECK_SHIM_INJECT_SITE_H

#include "protocol/plan.h"

/* "fio+0x1f2e<0x2a10": the call returns to offset 0x1f2e of fio's file, and further out on its stack stands a return to
 * 0x2a10 of it. Whether PATTERN is of that form. */
bool site_is_one(const char *pattern);

/* Whether CALL, from the module PATH loaded at BASE, was made there. Reads the stack, 16 KiB of it at most; never faults;
 * async-signal-safe. */
bool site_is_at(const char *pattern, const struct plan_call *call, const char *path, uintptr_t base);

#endif
