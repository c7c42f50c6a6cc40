// SPDX-License-Identifier: MIT
// explore: how far it is: a line that is written over on a terminal, one now and then elsewhere.
#include "progress.h"

#include "harness/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TERMINAL_MS = 100, PLAIN_MS = 10000, BAR = 24 };

struct progress {
	const struct sweep_settings *settings;
	bool is_terminal, has_line;
	uint64_t last_ns;
};

struct progress *progress_new(const struct sweep_settings *settings, bool quiet)
{
	struct progress *progress = quiet ? NULL : calloc(1, sizeof *progress);
	if (!progress)
		return NULL;
	progress->settings = settings;
	progress->is_terminal = isatty(STDERR_FILENO);
	progress->last_ns = clock_now_ns();
	return progress;
}

static void put_time(uint64_t seconds)
{
	if (seconds >= 60)
		fprintf(stderr, "%" PRIu64 "m%02" PRIu64 "s left", seconds / 60, seconds % 60);
	else
		fprintf(stderr, "%" PRIu64 "s left", seconds);
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* As it went so far, and no longer than the budget lets it. */
static double seconds_left(const struct sweep_settings *settings, const struct sweep *sweep, double seconds)
{
	size_t points = sweep->selected - sweep->done;
	double left = sweep->done ? seconds / (double)sweep->done * (double)points : 0;
	if (settings->budget_runs && sweep->runs)
		left = smaller(left, seconds / (double)sweep->runs * (double)settings->budget_runs - seconds);
	if (settings->budget_ns)
		left = smaller(left, (double)settings->budget_ns / 1e9 - seconds);
	return left > 0 ? left : 0;
}

void progress_show(void *context, const struct sweep *sweep)
{
	struct progress *progress = context;
	uint64_t now = clock_now_ns();
	size_t wanted = sweep->selected;
	if (!progress || !wanted ||
	    now - progress->last_ns < (progress->is_terminal ? TERMINAL_MS : PLAIN_MS) * UINT64_C(1000000))
		return;
	progress->last_ns = now;
	double seconds = (double)(now - sweep->begin_ns) / 1e9, rate = (double)sweep->runs / seconds;
	size_t filled = sweep->done * BAR / wanted;
	fputs(progress->is_terminal ? "\r\033[K" : "shmcheck: ", stderr);
	for (size_t i = 0; progress->is_terminal && i < BAR; i++)
		fputc(i < filled ? '#' : '.', stderr);
	fprintf(stderr, " %zu of %zu points, %zu causes of findings, %.0f runs a second, ", sweep->done,
		wanted, sweep->causes.count, rate);
	put_time((uint64_t)seconds_left(progress->settings, sweep, seconds));
	if (!progress->is_terminal)
		fputc('\n', stderr);
	fflush(stderr);
	progress->has_line = progress->is_terminal;
}

void progress_end(struct progress *progress)
{
	if (progress && progress->has_line)
		fputs("\r\033[K", stderr);
	free(progress);
}
