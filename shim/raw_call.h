// SPDX-License-Identifier: MIT
// shim: syscall(2) with one of the four numbers comes in here.
#ifndef SHMCHECK_SHIM_RAW_CALL_H
#define SHMCHECK_SHIM_RAW_CALL_H

/* The arguments and the result of syscall(2): -1 and errno for a failure. */
long shim_raw_call(long number, long a, long b, long c);

#endif
