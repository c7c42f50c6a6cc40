// SPDX-License-Identifier: MIT
// launch: many runs of one program, one after another, each in a namespace of its own.
#include "station.h"

#include "harness/analyze/plan_findings.h"
#include "harness/clock.h"
#include "harness/launch/birth.h"
#include "harness/launch/drain.h"
#include "harness/launch/preload.h"
#include "harness/launch/sandbox.h"
#include "harness/launch/server.h"
#include "harness/launch/session_file.h"
#include "harness/launch/station_watch.h"
#include "harness/launch/supervise.h"
#include "harness/launch/target.h"
#include "harness/launch/turn.h"
#include "harness/launch/world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PLAN_SLOTS = 1024 };

struct station { // NOLINT(clang-analyzer-optin.performance.Padding): the header is aligned to its cache lines
	const struct launch_options *options;
	struct session_file file;
	struct session header; /* as the program is to find it */
	struct sandbox sandbox;
	struct inherited inherited;
	struct target target;
	char library[4096];
	char **environment;
	struct birth birth; /* of the run under way */
	bool is_late; /* nothing of it is made before its turn */
	struct evidence
	    evidence; /* of the run before; what every run has in common is borrowed from `common` */
	struct evidence common;
	struct station_watch *watch;
	struct server server;
	enum server_refusal refusal; /* of a server; the runs are made by exec then */
};

static int set_up(struct station *station, char why[512])
{
	uint64_t size = plan_size(PLAN_SLOTS);
	target_inspect(station->options->argv[0], &station->target); /* what it cannot find, exec will tell */
	int code = preload_find(station->library, why);
	code = code ? code : sandbox_open(station->options, &station->sandbox, &station->common, why);
	code = code ? code : world_check(station->options->plan, &station->common, why);
	if (code)
		return code;
	station->common.removes_orphans = kernel_removes_orphans(); /* as here, so in each run's namespace */
	supervise_prepare(&station->inherited);
	code = session_file_make(&station->file, size, 0, station->options->session_told, why);
	if (code)
		return code;
	station->file.session->stacks = station->options->stacks;
	station->file.session->sleep_scale_ppm = station->options->sleep_scale_ppm;
	station->header = *station->file.session;
	station->environment =
	    preload_environment(station->library, station->file.path, station->options->role, NULL);
	if (!station->environment)
		return -ENOMEM;
	station->birth = (struct birth){.argv = station->options->argv,
					.environment = station->environment,
					.sandbox = &station->sandbox,
					.inherited = &station->inherited,
					.session = station->file.session,
					.parent = getpid()};
	code = birth_prepare(&station->birth);
	if (station->options->fork_server)
		station->refusal = server_forbidden(&station->sandbox, &station->target);
	if (!code)
		station->watch = station_watch_new(station->options, &station->file);
	return code ? code : station->watch ? 0 : -errno;
}

int station_open(const struct launch_options *options, struct station **ret_station, char why[512])
{
	struct station *station =
	    aligned_alloc(_Alignof(struct station), sizeof *station); /* it holds a session's header */
	why[0] = '\0';
	if (!station)
		return -ENOMEM;
	memset(station, 0, sizeof *station);
	station->options = options;
	station->server = SERVER_NONE_YET;
	int code = set_up(station, why);
	if (code)
		station_close(station);
	else
		*ret_station = station;
	if (code && !why[0])
		snprintf(why, 512, "no run could be prepared: %s", strerror(-code));
	return code;
}

void station_close(struct station *station)
{
	if (!station)
		return;
	server_end(&station->server);
	station_watch_free(station->watch);
	session_file_remove(&station->file);
	free(station->environment);
}

/* Puts the rules into the session; they were made by us, so that one that is refused is our own failure. */
static int set_plan(struct station *station, const struct station_run *run)
{
	struct plan *plan = session_file_plan(&station->file);
	struct plan_error error;
	if (!run->rules[0]) {
		station->file.session->plan_offset = 0;
		return 0;
	}
	int code = plan_init(plan, plan_size(PLAN_SLOTS), run->seed);
	for (unsigned i = 0; !code && i < 8 && run->rules[i]; i++)
		code = plan_parse(plan, run->rules[i], strlen(run->rules[i]), &error);
	plan->is_private = station->sandbox.is_private;
	return code;
}

/* What holds for every run. The strings and tables stay ours. */
static void begin_evidence(struct station *station)
{
	struct evidence *evidence = &station->evidence;
	evidence->argv = NULL;
	evidence->isolation_why = NULL;
	evidence->host = (struct kernel_table){0};
	evidence_free(evidence);
	evidence->argv = station->options->argv;
	evidence->isolation = station->common.isolation;
	evidence->isolation_why = station->common.isolation_why;
	evidence->host = station->common.host;
	evidence->removes_orphans = station->common.removes_orphans;
	if (!station->sandbox.is_private)
		kernel_table_read(&evidence->before);
	evidence->begin_ns = clock_now_ns();
	evidence->wall_begin = time(NULL);
}

static int add_doubts(struct station *station, bool has_entered)
{
	struct evidence *evidence = &station->evidence;
	int code = evidence_doubt_log(evidence);
	if (!code && !has_entered)
		code = target_doubt(&station->target, evidence->argv[0], evidence);
	return code;
}

/* The program's image, to be stopped before main. */
static void start_server(struct station *station)
{
	struct session *session = station->file.session;
	session_file_renew(&station->file, &station->header, true);
	session->plan_offset = 0;
	session->server = (struct server_words){.state = SERVER_WANTED, .pid = getpid()};
	pid_t pid = birth_start(&station->birth);
	station->refusal =
	    pid > 0 ? server_await(session, station->file.path, pid, &station->server) : REFUSAL_KERNEL;
	if (station->refusal)
		session->server = (struct server_words){0};
	if (station->birth.beginning->table >= 0)
		close(station->birth.beginning->table);
}

void station_prepare(struct station *station, uint32_t *turn)
{
	if (!station->options->fork_server || station->refusal || station->server.pid > 0)
		return;
	turn_take(turn);
	start_server(station);
	turn_give(turn, getpid());
}

static void open_gate(struct session *session)
{
	__atomic_store_n(&session->gate, GATE_OPEN, __ATOMIC_RELEASE);
	syscall(SYS_futex, &session->gate, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* By the server where there is one: the run's process, which waits at the gate. *RET_PID stays 0 where the run is made by
 * exec. Returns 0 or -errno. */
static int fork_ahead(struct station *station, const struct station_run *run, struct station_result *result,
		      pid_t *ret_pid)
{
	*station->birth.beginning = (struct beginning){.table = -1};
	if (station->server.pid <= 0 || run->by_exec || station->is_late)
		return 0;
	station->file.session->gate = GATE_CLOSED;
	pid_t pid = server_ask(&station->server, station->file.session, &station->birth.beginning->table);
	result->is_served = pid > 0;
	if (pid > 0) {
		*ret_pid = pid;
		return 0;
	}
	result->refusal = station->refusal = REFUSAL_FORK;
	station->file.session->server = (struct server_words){0};
	session_file_renew(&station->file, &station->header, true); /* who knows how far it came */
	return set_plan(station, run);
}

static int conclude(struct station *station, const struct station_run *run, struct station_result *result)
{
	struct evidence *evidence = &station->evidence;
	struct arena *arena = session_file_arena(&station->file);
	struct station_totals totals;
	int code = station_watch_finish(station->watch, &totals);
	if (totals.server_is_gone)
		server_forget(&station->server);
	evidence->events = totals.events;
	evidence->bad_records = totals.bad;
	evidence->lost_events = __atomic_load_n(&station->file.session->lost, __ATOMIC_RELAXED);
	evidence->lost_texts = arena->lost;
	if (run->rules[0]) {
		result->plan = session_file_plan(&station->file);
		world_forget(result->plan, evidence);
		code = code ? code : plan_doubts(result->plan, evidence);
	}
	result->arena = arena;
	result->arena_size = arena->used < station->file.ready_arena ? (arena->used + 7) & ~UINT64_C(7)
								     : station->file.ready_arena;
	return code ? code : add_doubts(station, totals.has_entered);
}

/* All that can be done before its turn: the kernel loads the program, ld.so links it, and it waits at the gate. Not where
 * nobody waits for a turn, nor where our library cannot enter and hold it back. Returns its pid; 0: it starts in its
 * turn, when there may also be room for a process where now there is none. */
static pid_t exec_ahead(struct station *station, const struct station_run *run)
{
	if (!run->turn || station->target.obstacle != TARGET_OK || station->is_late)
		return 0;
	station->file.session->gate = GATE_CLOSED;
	pid_t pid = birth_start(&station->birth);
	if (pid < 0)
		station->file.session->gate = GATE_NONE;
	return pid < 0 ? 0 : pid;
}

/* The program's whole life, and that of its descendants. */
static int live(struct station *station, const struct station_run *run, struct station_result *result)
{
	pid_t pid = 0;
	int code = fork_ahead(station, run, result, &pid);
	if (code)
		return code;
	pid = pid ? pid : exec_ahead(station, run);
	turn_take(run->turn);
	begin_evidence(station);
	if (pid == 0)
		pid = birth_start(&station->birth);
	else if (!supervise_is_unwanted()) /* else it is ended where it waits */
		open_gate(station->file.session);
	code = pid < 0 ? pid : 0;
	station->evidence.program_pid = pid;
	if (!code)
		code = station_watch_run(station->watch, run, station->birth.beginning->table,
					 &station->server, &station->evidence);
	station->evidence.end_ns = clock_now_ns();
	int table = station->birth.beginning->table;
	if (table >= 0) /* a namespace that is ours alone: nobody's turn changes it */
		turn_give(run->turn, getpid());
	if (!code)
		station_watch_look(station->watch, table);
	turn_give(run->turn, getpid());
	if (table >= 0)
		close(table);
	return code;
}

/* From a clean session to what the program left in it. */
static int make_run(struct station *station, const struct station_run *run, struct station_result *result,
		    char why[512])
{
	bool was_scribbled = station->evidence.bad_records || station->evidence.lost_events;
	*result = (struct station_result){.refusal = station->refusal};
	session_file_renew(&station->file, &station->header, was_scribbled);
	int code = set_plan(station, run);
	if (code) {
		snprintf(why, 512, "a point's rule was refused: %s", run->rules[0]);
		return code;
	}
	code = live(station, run, result);
	int concluded = conclude(station, run, result);
	return code ? code : concluded;
}

/* It was killed where it waited, and did nothing: the program that had its turn then may kill all that bear its name. */
static bool is_lost(const struct station *station)
{
	const struct evidence *evidence = &station->evidence;
	return station->file.session->gate != GATE_NONE && !evidence->timed_out &&
	       WIFSIGNALED(evidence->program_status);
}

int station_run(struct station *station, const struct station_run *run, struct station_result *ret_result,
		char why[512])
{
	struct station_result result;
	why[0] = '\0';
	station->birth.folder = run->folder;
	station->birth.other_ids = run->other_ids;
	station->is_late = false;
	int code = make_run(station, run, &result, why);
	if (!code && is_lost(station)) {
		station->is_late = true;
		code = station_watch_is_unwanted(station->watch) ? -ECANCELED
								 : make_run(station, run, &result, why);
	}
	if (station->birth.beginning->error && station->birth.beginning->is_exec)
		result.exec_errno = station->birth.beginning->error;
	else if (station->birth.beginning->error)
		code = -station->birth.beginning->error;
	result.evidence = station->evidence;
	*ret_result = result;
	return code;
}
