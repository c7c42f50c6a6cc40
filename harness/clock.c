// SPDX-License-Identifier: MIT
// harness: the clock of the event log.
#include "clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CLOCK_SOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/* Two looks at both clocks so far apart, each as good as 0.05 us, give the rate to 0.03 %. */
enum { APART_NS = 300000, GOOD_TICKS = 1000, LOOKS = 16 };

struct look {
	uint64_t ticks, ns;
};

static struct look first; /* ns 0: the counter is not to be used */
static struct session_clock ours; /* rate 0 until it is settled */

/* Past libc: a library that the user preloads, which may stop the clock for the program, stands in front of us too. */
static uint64_t monotonic_ns(void)
{
	struct timespec now = {0};
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Both at one moment: of several looks the one that nothing came between. */
static struct look look_at_both(void)
{
	struct look best = {0};
	uint64_t shortest = UINT64_MAX;
	for (unsigned i = 0; i < LOOKS && shortest > GOOD_TICKS; i++) {
		uint64_t before = clock_ticks(), ns = monotonic_ns(), after = clock_ticks();
		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best = (struct look){before + shortest / 2, ns};
	}
	return best;
}

static bool is_kernels_own(void)
{
	char name[16] = "";
	int fd = open(CLOCK_SOURCE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t length = read(fd, name, sizeof name - 1);
	close(fd);
	return length > 0 && strcmp(name, "tsc\n") == 0;
}

bool clock_start(void)
{
	const char *wanted = getenv(ENV_CLOCK);
	bool is_refused = wanted && *wanted;
	if (CLOCK_HAS_TICKS && !is_refused && is_kernels_own())
		first = look_at_both();
	return !is_refused || strcmp(wanted, "monotonic") == 0;
}

bool clock_is_counter(void)
{
	return first.ns != 0;
}

const struct session_clock *clock_settle(void)
{
	struct look last = first;
	if (ours.rate || !first.ns)
		return &ours;
	while (last.ns - first.ns < APART_NS)
		last = look_at_both();
	ours.base_ticks = last.ticks;
	ours.base_ns = last.ns;
	if (last.ticks > first.ticks)
		ours.rate = clock_rate(last.ns - first.ns, last.ticks - first.ticks);
	return &ours;
}

uint64_t clock_now_ns(void)
{
	return ours.rate ? clock_ns(&ours, clock_ticks()) : monotonic_ns();
}
