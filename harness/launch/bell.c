// SPDX-License-Identifier: MIT
// launch: wakes the supervising thread when the session's order has something to be looked at.
#include "bell.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

struct bell {
	struct order *order;
	pthread_t thread, supervisor;
	uint32_t stop; /* atomic */
	uint32_t seen;
};

static void *work(void *argument)
{
	struct bell *bell = argument;
	while (!__atomic_load_n(&bell->stop, __ATOMIC_ACQUIRE)) {
		uint32_t now = __atomic_load_n(&bell->order->events, __ATOMIC_ACQUIRE);
		if (now == bell->seen) {
			syscall(SYS_futex, &bell->order->events, FUTEX_WAIT, now, NULL, NULL, 0);
			continue;
		}
		bell->seen = now;
		pthread_kill(bell->supervisor, SIGCHLD);
	}
	return NULL;
}

struct bell *bell_start(struct order *order)
{
	struct bell *bell = calloc(1, sizeof *bell);
	if (!bell)
		return NULL;
	bell->order = order;
	bell->supervisor = pthread_self();
	bell->seen = __atomic_load_n(&order->events, __ATOMIC_ACQUIRE);
	if (pthread_create(&bell->thread, NULL, work, bell) == 0)
		return bell;
	free(bell);
	return NULL;
}

void bell_stop(struct bell *bell)
{
	if (!bell)
		return;
	__atomic_store_n(&bell->stop, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(&bell->order->events, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &bell->order->events, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	pthread_join(bell->thread, NULL);
	free(bell);
}
