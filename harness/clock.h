// SPDX-License-Identifier: MIT
// harness: the clock of the event log.
#ifndef SHMCHECK_HARNESS_CLOCK_H
#define SHMCHECK_HARNESS_CLOCK_H

#include "protocol/clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define ENV_CLOCK "SHMCHECK_CLOCK" /* monotonic: no counter of the processor's, even where there is one */

/* To be called early: what passes until clock_settle need not be waited for. False: the variable names no clock. */
bool clock_start(void);

/* Whether it is the processor's counter that clock_settle settles. */
bool clock_is_counter(void);

/* The clock that sessions are given, the same one from now on. Without clock_start, or where the processor's counter is
 * not what the kernel keeps time by, it is CLOCK_MONOTONIC. */
const struct session_clock *clock_settle(void);

/* Nanoseconds, as the shim stamps its records. */
uint64_t clock_now_ns(void);

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
