// SPDX-License-Identifier: MIT
// launch: a station's program from its start to the death of its last descendant; its events.
#include "station_watch.h"

#include "harness/clock.h"
#include "harness/launch/drain.h"
#include "harness/launch/tree.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A drain thread for every run would cost more than most runs: one thread sleeps until the shim says that blocks run
 * short, and has a drain started then. */
struct station_watch {
	const struct launch_options *options;
	struct session_file *file;
	pthread_t supervisor, guard;
	uint32_t is_short, is_closed; /* atomic */

	/* of the run under way */
	launch_sink *sink;
	void *context;
	struct evidence *evidence;
	struct drain *drain; /* NULL: not needed so far */
	bool has_entered, has_ended, is_over;
	bool is_unwanted; /* we were told to end it */
	struct server server; /* a child that is none of its processes */
	bool is_alone; /* it has no descendants any more */
	bool has_table; /* the last one was read */
	uint64_t deadline_ns, linger_ns;
};

static void *guard(void *argument)
{
	struct station_watch *watch = argument;
	uint32_t *word = &watch->file->session->wake_seq;
	uint32_t seen = __atomic_load_n(word, __ATOMIC_ACQUIRE);
	while (!__atomic_load_n(&watch->is_closed, __ATOMIC_ACQUIRE)) {
		syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
		uint32_t now = __atomic_load_n(word, __ATOMIC_ACQUIRE);
		if (now == seen)
			continue;
		seen = now;
		__atomic_store_n(&watch->is_short, 1, __ATOMIC_RELEASE);
		pthread_kill(watch->supervisor, SIGCHLD);
	}
	return NULL;
}

struct station_watch *station_watch_new(const struct launch_options *options, struct session_file *file)
{
	struct station_watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return NULL;
	watch->options = options;
	watch->file = file;
	watch->supervisor = pthread_self();
	int code = pthread_create(&watch->guard, NULL, guard, watch);
	if (!code)
		return watch;
	free(watch);
	errno = code;
	return NULL;
}

void station_watch_free(struct station_watch *watch)
{
	if (!watch)
		return;
	uint32_t *word = &watch->file->session->wake_seq;
	__atomic_store_n(&watch->is_closed, 1, __ATOMIC_RELEASE);
	__atomic_fetch_add(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
	pthread_join(watch->guard, NULL);
	free(watch);
}

/* Looks for the program's announcement on the way to the sink. */
static int note(void *context, const struct record *records, size_t count)
{
	struct station_watch *watch = context;
	for (size_t i = 0; !watch->has_entered && i < count; i++)
		watch->has_entered = records[i].event == EVENT_START;
	return watch->sink(watch->context, records, count);
}

static int take_end(struct station_watch *watch, pid_t pid, int status)
{
	struct evidence *evidence = watch->evidence;
	if (pid == evidence->program_pid && !watch->has_ended) {
		watch->has_ended = true;
		evidence->program_status = status;
		if (watch->options->linger_ms >= 0)
			watch->linger_ns = clock_in_ms(watch->options->linger_ms);
	}
	return evidence_add_reaped(evidence, (struct reaped){pid, status, clock_now_ns()});
}

static int reap(struct station_watch *watch, int flags)
{
	int status, code = 0;
	pid_t pid;
	while (!code && ((pid = waitpid(-1, &status, flags)) > 0 || (pid < 0 && errno == EINTR)))
		if (pid > 0 && pid == watch->server.pid)
			watch->server.pid = 0;
		else if (pid > 0)
			code = take_end(watch, pid, status);
	bool is_alone = pid < 0 ? errno == ECHILD
				: watch->server.pid && watch->has_ended && server_is_alone(&watch->server);
	if (!code && is_alone)
		watch->is_over = watch->is_alone = true;
	return code;
}

static int wait_once(struct station_watch *watch)
{
	sigset_t set;
	uint64_t until = watch->deadline_ns < watch->linger_ns ? watch->deadline_ns : watch->linger_ns;
	uint64_t now = clock_now_ns(), left = until > now ? until - now : 0;
	struct timespec time = clock_timespec(left);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	siginfo_t info;
	int signal = left ? sigtimedwait(&set, &info, until == UINT64_MAX ? NULL : &time) : 0;
	if (signal == SIGTERM && !tree_has(info.si_pid)) /* nobody wants the run any more */
		watch->is_unwanted = true;
	if (__atomic_exchange_n(&watch->is_short, 0, __ATOMIC_ACQ_REL) && !watch->drain)
		watch->drain = drain_start(watch->file, note, watch);
	int code = reap(watch, WNOHANG);
	now = clock_now_ns();
	if (code || watch->is_over)
		return code;
	watch->evidence->timed_out = watch->is_unwanted || now >= watch->deadline_ns;
	watch->is_over = watch->evidence->timed_out || now >= watch->linger_ns;
	return 0;
}

static void read_table(int table, struct evidence *evidence)
{
	if (table < 0) {
		kernel_table_read(&evidence->after);
		return;
	}
	char head[512];
	ssize_t length = pread(table, head, sizeof head, 0);
	if (length > 0 && memchr(head, '\n', (size_t)length) == head + length - 1)
		return; /* the heading alone: nothing is left */
	int copy = dup(table);
	FILE *stream = copy < 0 ? NULL : fdopen(copy, "r");
	if (stream)
		kernel_table_parse(stream, &evidence->after);
	if (stream)
		fclose(stream);
}

static void drop_server(struct station_watch *watch)
{
	struct evidence *evidence = watch->evidence;
	size_t kept = 0;
	for (size_t i = 0; i < evidence->survivor_count; i++)
		if (evidence->survivors[i].pid != watch->server.pid)
			evidence->survivors[kept++] = evidence->survivors[i];
	evidence->survivor_count = kept;
}

/* At the deadline the table is read when all are dead; those that only linger are judged alive, and then killed. */
static int settle(struct station_watch *watch, int table)
{
	struct evidence *evidence = watch->evidence;
	int code = 0;
	if (evidence->timed_out)
		evidence->survivor_count = 0;
	else
		code = tree_find(&evidence->survivors, &evidence->survivor_count);
	drop_server(watch);
	if (!evidence->timed_out)
		read_table(table, evidence);
	bool all_are_dead = tree_kill();
	int reaped = reap(watch, all_are_dead ? 0 : WNOHANG);
	if (evidence->timed_out)
		read_table(table, evidence);
	watch->has_table = true;
	return code ? code : reaped;
}

int station_watch_run(struct station_watch *watch, const struct station_run *run, int table,
		      const struct server *server, struct evidence *evidence)
{
	int64_t timeout_ms = run->timeout_ms ? run->timeout_ms : watch->options->timeout_ms;
	int code = 0;
	watch->sink = run->sink;
	watch->context = run->context;
	watch->evidence = evidence;
	watch->drain = NULL;
	watch->server = *server;
	watch->has_entered = watch->has_ended = watch->is_over = watch->is_alone = false;
	watch->is_unwanted = watch->has_table = false;
	watch->linger_ns = UINT64_MAX;
	watch->deadline_ns = timeout_ms ? clock_in_ms(timeout_ms) : UINT64_MAX;
	__atomic_store_n(&watch->is_short, 0, __ATOMIC_RELEASE);
	while (!code && !watch->is_over)
		code = wait_once(watch);
	if (!code && !watch->is_alone)
		code = settle(watch, table);
	return code ? code : watch->is_unwanted && evidence->timed_out ? -ECANCELED : 0;
}

void station_watch_look(const struct station_watch *watch, int table)
{
	if (!watch->has_table)
		read_table(table, watch->evidence);
}

bool station_watch_is_unwanted(const struct station_watch *watch)
{
	return watch->is_unwanted;
}

int station_watch_finish(struct station_watch *watch, struct station_totals *ret_totals)
{
	struct drain_totals totals =
	    watch->drain ? drain_finish(watch->drain) : drain_once(watch->file, note, watch);
	*ret_totals =
	    (struct station_totals){totals.events, totals.bad, watch->has_entered, !watch->server.pid};
	return totals.error;
}
