// SPDX-License-Identifier: MIT
// harness: the clock of the event log.
#ifndef SHMCHECK_HARNESS_CLOCK_H
#define SHMCHECK_HARNESS_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in nanoseconds, as the shim stamps its records. */
static inline uint64_t clock_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The moment that is MS, not below 0, from now. */
static inline uint64_t clock_in_ms(int64_t ms)
{
	return clock_now_ns() + (uint64_t)ms * 1000000;
}

/* NS as the system's calls take it. */
static inline struct timespec clock_timespec(uint64_t ns)
{
	return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

#endif
