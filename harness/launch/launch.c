// SPDX-License-Identifier: MIT
// launch: one run of a program under the shim, from the namespace to the last dead process.
#include "launch.h"

#include "bell.h"
#include "cast.h"
#include "crash.h"
#include "drain.h"
#include "harness/clock.h"
#include "kernel_log.h"
#include "last_table.h"
#include "partner.h"
#include "preload.h"
#include "sandbox.h"
#include "session_file.h"
#include "settings.h"
#include "supervise.h"
#include "target.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ENTERED_MOST = 256, CRASH_ROOM = 256 << 10 };

/* A run under way. */
struct run {
	const struct launch_options *options;
	struct launch_result *result;
	struct session_file file;
	struct inherited inherited;
	struct cast cast;
	char library[4096];
	launch_sink *sink;
	void *context;
	int kernel_log; /* -1: not to be read */
	/* Written by the draining thread, read when it has ended. */
	bool has_entered; /* some image announced itself */
	pid_t entered[ENTERED_MOST]; /* of the first ones */
	size_t entered_count;
};

/* Looks for the programs' own announcements on the way to the sink. */
static int note(void *context, const struct record *records, size_t count)
{
	struct run *run = context;
	for (size_t i = 0; run->entered_count < ENTERED_MOST && i < count; i++) {
		if (records[i].event != EVENT_START)
			continue;
		run->has_entered = true;
		if (records[i].args[0] == START_FIRST)
			run->entered[run->entered_count++] = records[i].pid;
	}
	return run->sink(run->context, records, count);
}

static int copy_argv(char **argv, struct evidence *evidence)
{
	size_t count = 0;
	while (argv[count])
		count++;
	evidence->argv = calloc(count + 1, sizeof *evidence->argv);
	for (size_t i = 0; evidence->argv && i < count; i++)
		if (!(evidence->argv[i] = strdup(argv[i])))
			return -ENOMEM;
	return evidence->argv ? 0 : -ENOMEM;
}

/* The arena as it is now: the reader's copy, which nobody writes any more but we, for the stacks of crashes. */
static int copy_arena(struct run *run)
{
	const struct arena *arena = session_file_arena(&run->file);
	uint64_t used = __atomic_load_n(&arena->used, __ATOMIC_ACQUIRE);
	if (used > run->file.ready_arena || used < sizeof *arena)
		used = run->file.ready_arena;
	used = (used + 7) & ~UINT64_C(7);
	run->result->arena = malloc(used + CRASH_ROOM);
	if (!run->result->arena)
		return -ENOMEM;
	memcpy(run->result->arena, arena, used);
	run->result->arena->used = used;
	run->result->arena->size = used + CRASH_ROOM;
	run->result->evidence.lost_texts = arena->lost;
	int code = crash_watch_tell(run->cast.crash, run->result->arena, &run->result->evidence);
	if (!code)
		code = kernel_log_tell(run->kernel_log, run->result->arena, used, &run->result->evidence);
	run->result->arena_size = run->result->arena->used;
	return code;
}

static int doubt_entry(struct evidence *evidence, const struct member *member)
{
	return target_doubt(&member->target, member->program->argv[0], evidence);
}

/* Of a single program any announcement is enough; of several each must have made its own. */
static int doubt_entries(struct run *run)
{
	struct cast *cast = &run->cast;
	int code = 0;
	for (size_t i = 0; i < run->entered_count; i++)
		cast_entered(cast, run->entered[i]);
	for (size_t i = 0; !code && i < cast->count; i++)
		if (cast->members[i].pid && !cast->members[i].has_entered &&
		    (run->options->programs ? run->entered_count < ENTERED_MOST : !run->has_entered))
			code = doubt_entry(&run->result->evidence, &cast->members[i]);
	return code;
}

static int add_doubts(struct run *run)
{
	int code = evidence_doubt_log(&run->result->evidence);
	return code ? code : doubt_entries(run);
}

/* Supervises with the bell that the session's order rings. */
static int attend(struct run *run)
{
	const struct launch_options *options = run->options;
	struct bell *bell = NULL;
	if (options->order && !(bell = bell_start(run->file.order)))
		return -ENOMEM;
	int code = cast_begin(&run->cast);
	run->result->evidence.program_pid = run->cast.members[options->program_main].pid;
	if (!code && run->cast.exec_errno && run->cast.count == 1)
		run->result->exec_errno = run->cast.exec_errno;
	else if (!code)
		code = supervise(&run->cast, &run->result->evidence);
	run->result->evidence.program_pid = run->cast.members[options->program_main].pid;
	bell_stop(bell);
	return code;
}

static int watch(struct run *run)
{
	const struct launch_director *director = run->options->director;
	struct evidence *evidence = &run->result->evidence;
	struct drain *drain = drain_start(&run->file, note, run);
	if (!drain)
		return -errno;
	int code = attend(run);
	struct drain_totals totals = drain_finish(drain);
	last_table_read(evidence);
	evidence->end_ns = clock_now_ns();
	evidence->events = totals.events;
	evidence->bad_records = totals.bad;
	evidence->lost_events = __atomic_load_n(&run->file.session->lost, __ATOMIC_RELAXED);
	if (director)
		director->close(director->context);
	code = code ? code : totals.error;
	code = code ? code : copy_arena(run);
	if (!code && run->options->plan_size)
		code = world_end(session_file_plan(&run->file), run->options->plan, run->options->plan_size,
				 evidence);
	return code || run->result->exec_errno ? code : add_doubts(run);
}

/* The session, as the programs will find it. */
static int fill_session(struct run *run, char why[512])
{
	const struct launch_options *options = run->options;
	uint64_t order_size = options->order ? sizeof *options->order : 0;
	int code = session_file_make(&run->file, options->plan_size, order_size, options->session_told, why);
	if (code)
		return code;
	run->file.session->stacks = options->stacks;
	run->file.session->sleep_scale_ppm = options->sleep_scale_ppm;
	if (options->plan_size)
		memcpy(session_file_plan(&run->file), options->plan, options->plan_size);
	if (options->plan_size)
		world_begin(session_file_plan(&run->file), &run->result->evidence);
	if (options->order) {
		memcpy(run->file.order, options->order, sizeof *options->order);
		run->file.order->harness = getpid();
	}
	return 0;
}

static int start(struct run *run, char why[512])
{
	const struct launch_director *director = run->options->director;
	struct evidence *evidence = &run->result->evidence;
	int code = fill_session(run, why);
	if (!code && director)
		code = director->prepare(director->context, why);
	if (code)
		return code;
	run->cast.library = run->library;
	run->cast.session = run->file.path;
	run->cast.inherited = &run->inherited;
	if (director)
		director->begin(director->context, run->file.order, &run->cast);
	kernel_table_read(&evidence->before);
	evidence->begin_ns = clock_now_ns();
	evidence->wall_begin = time(NULL);
	return watch(run);
}

int launch(const struct launch_options *options, launch_sink *sink, void *context,
	   struct launch_result *ret_result, char why[512])
{
	struct run run = {
	    .options = options, .result = ret_result, .sink = sink, .context = context, .kernel_log = -1};
	memset(ret_result, 0, sizeof *ret_result);
	why[0] = '\0';
	int code = copy_argv(options->argv, &ret_result->evidence);
	code = code ? code : settings_tell(options, &ret_result->evidence);
	code = code ? code : cast_new(options, &run.cast);
	code = code ? code : preload_find(run.library, why);
	code = code ? code : world_check_privilege(options->plan, ret_result->evidence.argv[0], why);
	code = code ? code : sandbox_enter(options, &ret_result->evidence, why);
	code = code ? code : world_check(options->plan, &ret_result->evidence, why);
	if (!code && ret_result->evidence.isolation == ISOLATION_PRIVATE)
		code = partner_hints(&run.cast.members[0].target, &ret_result->evidence);
	if (!code && options->watch_crashes)
		code = crash_watch_new(&run.cast.crash, why);
	if (code) {
		cast_free(&run.cast);
		return code;
	}
	if (!options->watch_crashes && !options->passes_over_kernel_log)
		run.kernel_log = kernel_log_open();
	supervise_prepare(&run.inherited);
	code = start(&run, why);
	session_file_remove(&run.file);
	crash_watch_free(run.cast.crash);
	kernel_log_close(run.kernel_log);
	cast_free(&run.cast);
	supervise_restore(&run.inherited);
	if (code == -ECANCELED)
		snprintf(why, 512, "SIGTERM ended the run");
	else if (code && !why[0])
		snprintf(why, 512, "the run could not be watched: %s", strerror(-code));
	return code;
}

void launch_result_free(struct launch_result *result)
{
	evidence_free(&result->evidence);
	free(result->arena);
	*result = (struct launch_result){0};
}
