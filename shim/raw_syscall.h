// SPDX-License-Identifier: MIT
// shim: system calls past libc: syscall(2) is one of our wrappers, and errno stays as it is.
#ifndef SHMCHECK_SHIM_RAW_SYSCALL_H
#define SHMCHECK_SHIM_RAW_SYSCALL_H

#if defined(__x86_64__)
/* Returns what the kernel returns: -errno for a failure. */
static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}
#else
#include <errno.h>

/* Nobody captures more than a caller there yet: nothing calls it. */
static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	(void)number, (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
	return -ENOSYS;
}
#endif

#endif
