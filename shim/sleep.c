// SPDX-License-Identifier: MIT
// shim: --sleep-scale: the program's sleeps take so many times as long. Without it they pass with one compare.
#include "shim/real.h"
#include "shim/shim.h"

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>

enum { SECOND = 1000000000, WHOLE = 1000000 /* sleep_scale_ppm of 1 */ };

static inline uint32_t scale(void)
{
	return LIKELY(!shim_session) ? WHOLE : shim_session->sleep_scale_ppm;
}

/* NS * NUMERATOR / DENOMINATOR; what is too long stays the longest. */
static uint64_t times(uint64_t ns, uint64_t numerator, uint64_t denominator)
{
	uint64_t whole = ns / denominator, rest = ns % denominator;

	if (numerator && whole > INT64_MAX / numerator)
		return INT64_MAX;
	whole = whole * numerator + rest * numerator / denominator;
	return whole > INT64_MAX ? INT64_MAX : whole;
}

static bool is_valid(const struct timespec *time)
{
	return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < SECOND;
}

static uint64_t to_ns(const struct timespec *time)
{
	if ((uint64_t)time->tv_sec >= INT64_MAX / SECOND)
		return INT64_MAX;
	return (uint64_t)time->tv_sec * SECOND + (uint64_t)time->tv_nsec;
}

static struct timespec to_time(uint64_t ns)
{
	return (struct timespec){(time_t)(ns / SECOND), (long)(ns % SECOND)};
}

/* What is left of a scaled sleep, in the program's own time. */
static struct timespec unscaled(const struct timespec *left, uint32_t ppm)
{
	return to_time(ppm ? times(to_ns(left), WHOLE, ppm) : 0);
}

EXPORT int nanosleep(const struct timespec *wanted, struct timespec *ret_left)
{
	uint32_t ppm = scale();
	struct timespec scaled, left;
	int result;

	if (UNLIKELY(!shim_real.nanosleep))
		real_find();
	if (LIKELY(ppm == WHOLE) || !wanted || !is_valid(wanted))
		return shim_real.nanosleep(wanted, ret_left);
	scaled = to_time(times(to_ns(wanted), ppm, WHOLE));
	result = shim_real.nanosleep(&scaled, &left);
	if (result && errno == EINTR && ret_left)
		*ret_left = unscaled(&left, ppm);
	return result;
}

/* A time of CLOCK becomes another one, nearer or farther from now. */
static struct timespec scaled_until(clockid_t clock, const struct timespec *until, uint32_t ppm)
{
	struct timespec now = {0};
	uint64_t at, to = to_ns(until);

	if (raw_syscall(SYS_clock_gettime, clock, (long)&now, 0, 0, 0, 0))
		return *until;
	at = to_ns(&now);
	return to <= at ? *until : to_time(at + times(to - at, ppm, WHOLE));
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
			   struct timespec *ret_left)
{
	uint32_t ppm = scale();
	struct timespec scaled, left;
	int result;

	if (UNLIKELY(!shim_real.clock_nanosleep))
		real_find();
	if (LIKELY(ppm == WHOLE) || !wanted || !is_valid(wanted))
		return shim_real.clock_nanosleep(clock, flags, wanted, ret_left);
	if (flags & TIMER_ABSTIME) {
		scaled = scaled_until(clock, wanted, ppm);
		return shim_real.clock_nanosleep(clock, flags, &scaled, NULL);
	}
	scaled = to_time(times(to_ns(wanted), ppm, WHOLE));
	result = shim_real.clock_nanosleep(clock, flags, &scaled, &left);
	if (result == EINTR && ret_left)
		*ret_left = unscaled(&left, ppm);
	return result;
}

EXPORT unsigned sleep(unsigned seconds)
{
	struct timespec wanted = {seconds, 0}, left = {0};

	if (UNLIKELY(!shim_real.sleep))
		real_find();
	if (LIKELY(scale() == WHOLE))
		return shim_real.sleep(seconds);
	if (nanosleep(&wanted, &left) == 0)
		return 0;
	return (unsigned)left.tv_sec + (left.tv_nsec >= SECOND / 2);
}

EXPORT int usleep(useconds_t microseconds)
{
	struct timespec wanted = to_time((uint64_t)microseconds * 1000);

	if (UNLIKELY(!shim_real.usleep))
		real_find();
	if (LIKELY(scale() == WHOLE))
		return shim_real.usleep(microseconds);
	return nanosleep(&wanted, NULL);
}
