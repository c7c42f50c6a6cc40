// SPDX-License-Identifier: MIT
// shim: the calls of the table, in front of libc's.
#ifndef SHMCHECK_SHIM_CALLS_H
#define SHMCHECK_SHIM_CALLS_H

/* syscall(2) with the number of one of the four comes in here: its arguments and its result, -1 and errno for a failure. */
long shim_raw_call(long number, long a, long b, long c);

#endif
