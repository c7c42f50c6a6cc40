// SPDX-License-Identifier: MIT
// launch: fault addresses from the kernel's log, where it may be read.
#ifndef SHMCHECK_HARNESS_LAUNCH_KERNEL_LOG_H
#define SHMCHECK_HARNESS_LAUNCH_KERNEL_LOG_H

#include "harness/analyze/evidence.h"
#include "protocol/arena.h"

#include <stddef.h>

/* Opens /dev/kmsg at its end, before the program starts. -1 where it may not be read, where the kernel does not log
 * faults (sysctl debug.exception-trace), or where its process ids are not ours. */
int kernel_log_open(void);

/* Adds what was logged since to EVIDENCE: the last fault of each process that was not caught. Where the code that
 * faulted lies in a module of ARENA (SIZE bytes that are to be looked at), the crash's stack is that one frame. FD may
 * be -1. Returns 0 or -ENOMEM. */
int kernel_log_tell(int fd, struct arena *arena, uint64_t size, struct evidence *evidence);

void kernel_log_close(int fd);

#endif
