// SPDX-License-Identifier: MIT
// launch: turns: of several processes that share a word of memory one at a time has its program run.
#include "turn.h"

#include "harness/clock.h"
#include "harness/launch/supervise.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLICE_MS = 500 };

void turn_take(uint32_t *turn)
{
	const struct timespec slice = clock_timespec(SLICE_MS * UINT64_C(1000000));
	uint32_t us = (uint32_t)getpid();
	while (turn) {
		uint32_t holder = 0;
		if (__atomic_compare_exchange_n(turn, &holder, us, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return;
		if (syscall(SYS_futex, turn, FUTEX_WAIT, holder, &slice, NULL, 0) && errno == ETIMEDOUT &&
		    supervise_is_unwanted())
			return;
	}
}

void turn_give(uint32_t *turn, pid_t holder)
{
	uint32_t was = (uint32_t)holder;
	if (turn && __atomic_compare_exchange_n(turn, &was, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}
