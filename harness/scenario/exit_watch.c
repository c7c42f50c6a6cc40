// SPDX-License-Identifier: MIT
// scenario: sees the death of a forked child, which the kernel tells its parent only.
#include "stage.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *work(void *argument)
{
	struct exit_watcher *watcher = argument;
	struct pollfd poll_fd = {watcher->fd, POLLIN, 0};
	struct order *order = watcher->stage->order;
	while (poll(&poll_fd, 1, -1) < 1)
		continue;
	stage_pass(watcher->stage, watcher->point, ORDER_PASSED);
	__atomic_fetch_add(&order->events, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &order->events, FUTEX_WAKE, 1, NULL, NULL, 0);
	return NULL;
}

void exit_watch(struct stage *stage, uint32_t point, pid_t pid)
{
	if (stage->watcher_count == EXIT_WATCHERS)
		return;
	struct exit_watcher *watcher = &stage->watchers[stage->watcher_count];
	*watcher = (struct exit_watcher){.stage = stage, .point = point};
	watcher->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (watcher->fd < 0) { /* dead already */
		stage_pass(stage, point, ORDER_PASSED);
		return;
	}
	if (pthread_create(&watcher->thread, NULL, work, watcher) == 0)
		stage->watcher_count++;
	else
		close(watcher->fd);
}

void exit_watch_end(struct stage *stage)
{
	for (unsigned i = 0; i < stage->watcher_count; i++) {
		pthread_cancel(stage->watchers[i].thread); /* of one that could not be killed: poll() ends */
		pthread_join(stage->watchers[i].thread, NULL);
		close(stage->watchers[i].fd);
	}
	stage->watcher_count = 0;
}
