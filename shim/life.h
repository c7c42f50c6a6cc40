// SPDX-License-Identifier: MIT
// shim: fork and exit, recorded.
#ifndef SHMCHECK_SHIM_LIFE_H
#define SHMCHECK_SHIM_LIFE_H

#include <stdint.h>

/* The number of this process's next child, from 1, for that child's role. Async-signal-safe. */
uint32_t life_next_child(void);

#endif
