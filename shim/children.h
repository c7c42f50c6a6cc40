// SPDX-License-Identifier: MIT
// shim: children of this process are numbered from 1, for their roles.
#ifndef SHMCHECK_SHIM_CHILDREN_H
#define SHMCHECK_SHIM_CHILDREN_H

#include <stdint.h>

/* The number of the next child. Async-signal-safe. */
uint32_t children_next(void);

#endif
