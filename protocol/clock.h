// SPDX-License-Identifier: MIT
// protocol: the event log's clock, read alike by the shim and the harness.
#ifndef SHMCHECK_PROTOCOL_CLOCK_H
#define SHMCHECK_PROTOCOL_CLOCK_H

#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC at one moment, and the processor's counter from there. Two clock_gettime(2) take a third
 * of what watching a short call costs; the counter by itself takes less than half of that. It is right where the kernel
 * keeps its own time by it (clocksource tsc): then it runs evenly, and alike on every processor. */
struct session_clock {
	uint64_t base_ticks, base_ns;
	uint64_t rate; /* nanoseconds a tick, times 2^32; 0: CLOCK_MONOTONIC itself is asked each time */
};

#if defined(__x86_64__) && defined(__LP64__)
#define CLOCK_HAS_TICKS 1

/* The processor may read it before what stands in front has ended, never after what comes behind has begun. */
static inline uint64_t clock_ticks_early(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Not before what stands in front has ended. */
static inline uint64_t clock_ticks(void)
{
	uint32_t low, high;
	__asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}
#else
#define CLOCK_HAS_TICKS 0

static inline uint64_t clock_ticks_early(void)
{
	return 0;
}

static inline uint64_t clock_ticks(void)
{
	return 0;
}
#endif

/* Of TICKS in NS nanoseconds, which may be days. */
static inline uint64_t clock_rate(uint64_t ns, uint64_t ticks)
{
	return (uint64_t)(((unsigned __int128)ns << 32) / ticks);
}

/* TICKS as nanoseconds. Ticks before the base, another processor's a moment ago, count backwards. */
static inline uint64_t clock_ns(const struct session_clock *clock, uint64_t ticks)
{
	int64_t since = (int64_t)(ticks - clock->base_ticks);
	return clock->base_ns + (uint64_t)((__int128)since * (int64_t)clock->rate >> 32);
}

#endif
