// SPDX-License-Identifier: MIT
// launch: one run of a program under the shim, from the namespace to the last dead process.
#include "launch.h"

#include "drain.h"
#include "preload.h"
#include "sandbox.h"
#include "session_file.h"
#include "supervise.h"
#include "target.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A run under way. */
struct run {
	const struct launch_options *options;
	struct launch_result *result;
	struct session_file file;
	struct inherited inherited;
	struct target target;
	char library[4096];
	launch_sink *sink;
	void *context;
	bool has_entered; /* PROGRAM's own first image announced itself */
};

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Looks for PROGRAM's own announcement on the way to the sink. */
static int note(void *context, const struct record *records, size_t count)
{
	struct run *run = context;
	for (size_t i = 0; !run->has_entered && i < count; i++)
		run->has_entered = records[i].event == EVENT_START;
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

static struct plan *session_plan(const struct run *run)
{
	return (struct plan *)((char *)run->file.session + run->file.plan_offset);
}

/* The arena as it is now: the reader's copy, which nobody writes any more. */
static int copy_arena(struct run *run)
{
	const struct arena *arena = (const void *)((char *)run->file.session + run->file.arena_offset);
	uint64_t used = __atomic_load_n(&arena->used, __ATOMIC_ACQUIRE);
	if (used > run->file.arena_size || used < sizeof *arena)
		used = run->file.arena_size;
	used = (used + 7) & ~UINT64_C(7);
	run->result->arena = malloc(used);
	if (!run->result->arena)
		return -ENOMEM;
	memcpy(run->result->arena, arena, used);
	run->result->arena_size = used;
	run->result->evidence.lost_texts = arena->lost;
	return 0;
}

static int add_doubts(struct run *run)
{
	struct evidence *evidence = &run->result->evidence;
	int code = 0;
	if (evidence->lost_events)
		code = evidence_doubt(evidence, "%llu events found no room in time and were lost",
				      (unsigned long long)evidence->lost_events);
	if (!code && evidence->bad_records)
		code =
		    evidence_doubt(evidence, "%llu records of the event log were overwritten by the program",
				   (unsigned long long)evidence->bad_records);
	if (!code && !run->has_entered)
		code = evidence_doubt(evidence, "the shim did not get into %s: %s", evidence->argv[0],
				      run->target.obstacle
					  ? target_sentence(run->target.obstacle)
					  : "it could not map the session (address space, chroot or "
					    "descriptors limited?) or died before it began");
	return code;
}

static int watch(struct run *run, pid_t pid)
{
	struct evidence *evidence = &run->result->evidence;
	evidence->program_pid = pid;
	struct drain *drain = drain_start(&run->file, note, run);
	if (!drain) /* the program runs: it is left alone, and its events are read when it is over */
		return -ENOMEM;
	int code = supervise(run->options, pid, evidence);
	struct drain_totals totals = drain_finish(drain);
	if (!evidence->after.segments)
		kernel_table_read(&evidence->after);
	evidence->end_ns = now_ns();
	evidence->events = totals.events;
	evidence->bad_records = totals.bad;
	evidence->lost_events = __atomic_load_n(&run->file.session->lost, __ATOMIC_RELAXED);
	code = code ? code : totals.error;
	code = code ? code : copy_arena(run);
	if (!code && run->options->plan_size)
		code = world_end(session_plan(run), run->options->plan, run->options->plan_size, evidence);
	return code ? code : add_doubts(run);
}

static int start(struct run *run, char why[512])
{
	const struct launch_options *options = run->options;
	struct evidence *evidence = &run->result->evidence;
	int code = session_file_make(&run->file, options->plan_size, why);
	if (code)
		return code;
	run->file.session->stacks = options->stacks;
	run->file.session->sleep_scale_ppm = options->sleep_scale_ppm;
	if (options->plan_size)
		memcpy(session_plan(run), options->plan, options->plan_size);
	if (options->plan_size)
		world_begin(session_plan(run), evidence);
	char **environment =
	    preload_environment(run->library, run->target.sanitizer[0] ? run->target.sanitizer : NULL,
				run->file.path, options->role);
	if (!environment)
		return -ENOMEM;
	kernel_table_read(&evidence->before);
	evidence->begin_ns = now_ns();
	evidence->wall_begin = time(NULL);
	pid_t pid = supervise_spawn(options, environment, &run->inherited);
	free(environment);
	if (pid < 0) {
		run->result->exec_errno = -pid;
		return 0;
	}
	return watch(run, pid);
}

int launch(const struct launch_options *options, launch_sink *sink, void *context,
	   struct launch_result *ret_result, char why[512])
{
	struct run run = {.options = options, .result = ret_result, .sink = sink, .context = context};
	memset(ret_result, 0, sizeof *ret_result);
	why[0] = '\0';
	target_inspect(options->argv[0], &run.target); /* what it cannot find, exec will tell */
	int code = copy_argv(options->argv, &ret_result->evidence);
	code = code ? code : preload_find(run.library, why);
	code = code ? code : sandbox_enter(options, &ret_result->evidence, why);
	code = code ? code : world_check(options->plan, &ret_result->evidence, why);
	if (code)
		return code;
	supervise_prepare(&run.inherited);
	code = start(&run, why);
	session_file_remove(&run.file);
	supervise_restore(&run.inherited);
	if (code && !why[0])
		snprintf(why, 512, "the run could not be watched: %s", strerror(-code));
	return code;
}

void launch_result_free(struct launch_result *result)
{
	evidence_free(&result->evidence);
	free(result->arena);
	*result = (struct launch_result){0};
}
