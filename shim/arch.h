// SPDX-License-Identifier: MIT
// shim: which architecture's files are meant, and atomicity against this thread's own signal handlers, which is cheaper
// than against other threads.
#ifndef SHMCHECK_SHIM_ARCH_H
#define SHMCHECK_SHIM_ARCH_H

#include <stdbool.h>
#include <stdint.h>

/* Which of the files that depend on the architecture are meant. SHIM_PORTABLE: none of them, for tests. */
#if defined(__x86_64__) && defined(__LP64__) && !defined(SHIM_PORTABLE)
#define ARCH_X86_64 1
#elif defined(__aarch64__) && !defined(SHIM_PORTABLE)
#define ARCH_AARCH64 1
#else
#define ARCH_PORTABLE 1
#endif

/* Whether a child on our memory goes unnoticed, so that no id can be kept. */
#if defined(ARCH_PORTABLE)
enum { ARCH_SHARES_IDS = 1 };
#else
enum { ARCH_SHARES_IDS = 0 };
#endif

#if defined(ARCH_X86_64)
/* A single instruction is never interrupted half-way: no lock prefix is needed. */
static inline uint64_t arch_fetch_add(uint64_t *word, uint64_t value)
{
	__asm__ volatile("xaddq %0, %1" : "+r"(value), "+m"(*word) : : "memory", "cc");
	return value;
}

static inline bool arch_compare_exchange(uint64_t *word, uint64_t expected, uint64_t wanted)
{
	bool is_equal;
	__asm__ volatile("cmpxchgq %3, %1"
			 : "=@ccz"(is_equal), "+m"(*word), "+a"(expected)
			 : "r"(wanted)
			 : "memory");
	return is_equal;
}
#else
static inline uint64_t arch_fetch_add(uint64_t *word, uint64_t value)
{
	return __atomic_fetch_add(word, value, __ATOMIC_RELAXED);
}

static inline bool arch_compare_exchange(uint64_t *word, uint64_t expected, uint64_t wanted)
{
	return __atomic_compare_exchange_n(word, &expected, wanted, false, __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED);
}
#endif

#endif
