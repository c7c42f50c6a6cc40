// SPDX-License-Identifier: MIT
// shim: system calls past libc: syscall(2) is one of our wrappers, and errno stays as it is.
#ifndef SHMCHECK_SHIM_RAW_SYSCALL_H
#define SHMCHECK_SHIM_RAW_SYSCALL_H

#include "shim/arch.h"

#include <errno.h>
#include <stdbool.h>

#if defined(ARCH_X86_64)
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
#elif defined(ARCH_AARCH64)
static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}
#else
/* By libc's syscall, which is not wrapped there. */
long portable_syscall(long number, long a, long b, long c, long d, long e, long f);

static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	return portable_syscall(number, a, b, c, d, e, f);
}
#endif

/* Whether RESULT is a failure of the kernel's: addresses may be negative, but no address is above -4096 (include/linux/err.h
 * of the kernel, MAX_ERRNO). */
static inline bool raw_failed(long result)
{
	return result < 0 && result > -4096;
}

/* RESULT as libc returns it: -1 and errno for a failure. */
static inline long raw_to_libc(long result)
{
	if (!raw_failed(result))
		return result;
	errno = (int)-result;
	return -1;
}

#endif
