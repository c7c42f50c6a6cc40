// SPDX-License-Identifier: MIT
// explore: the process that makes the runs, one after another.
#include "worker.h"

#include "harness/analyze/plan_findings.h"
#include "harness/explore/crew.h"
#include "harness/explore/intake.h"
#include "harness/explore/remains.h"
#include "harness/launch/crash.h"
#include "harness/launch/station.h"
#include "harness/launch/supervise.h"
#include "harness/launch/turn.h"
#include "protocol/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PLAN_SLOTS = 4096 }; /* processes that a point's count can tell apart */

struct worker {
	const struct trial_request *request;
	const struct workplace *place;
	struct launch_options launch; /* the request's, with a session that is told */
	struct station *station; /* NULL: a single run, traced */
	struct launch_result launched;
	struct intake intake;
	struct identities *identities;
	char why[512]; /* of station_open; the trouble is told with the first run */
	int trouble;
	bool watches_crashes;
	bool is_blind; /* it should, and is not permitted to */
};

/* The program's standard streams are ours. */
static int take_streams(const char *stdin_file)
{
	const int files[] = {open(stdin_file ? stdin_file : "/dev/null", O_RDONLY | O_CLOEXEC),
			     memfd_create("shmcheck-stdout", MFD_CLOEXEC),
			     memfd_create("shmcheck-stderr", MFD_CLOEXEC)};
	for (int i = 0; i < 3; i++)
		if (files[i] < 0 || dup2(files[i], i) < 0)
			return -errno;
	for (int i = 0; i < 3; i++)
		close(files[i]);
	return 0;
}

static int empty_streams(void)
{
	lseek(STDIN_FILENO, 0, SEEK_SET);
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (lseek(fd, 0, SEEK_END) != 0 && (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET)))
			return -errno;
	return 0;
}

static int compare_outputs(const struct expected *expected, struct trial *trial)
{
	int code = expected ? expected_compare_file(&expected[0], STDOUT_FILENO, &trial->output) : 0;
	return code || !expected ? code : expected_compare_file(&expected[1], STDERR_FILENO, &trial->errors);
}

/* A run whose processes are traced has its own way: a station knows no tracer. */
static int run_traced(struct worker *worker, const struct station_run *run, struct station_result *result,
		      char why[512])
{
	static const int stdio[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	struct launch_options options = worker->launch;
	struct launch_result *launched = &worker->launched;
	options.plan_size = plan_size(PLAN_SLOTS);
	struct plan *plan = aligned_alloc(64, (options.plan_size + 63) & ~UINT64_C(63));
	struct plan_error error;
	int code = !plan ? -ENOMEM : plan_init(plan, options.plan_size, run->seed);
	for (unsigned i = 0; !code && run->rules[i]; i++)
		code = plan_parse(plan, run->rules[i], strlen(run->rules[i]), &error);
	options.plan = plan;
	options.stdio = stdio;
	options.folder = run->folder;
	options.timeout_ms = run->timeout_ms ? run->timeout_ms : options.timeout_ms;
	worker->is_blind = worker->watches_crashes && crash_watch_try();
	options.watch_crashes = worker->watches_crashes && !worker->is_blind;
	turn_take(run->turn);
	code = code ? code : launch(&options, run->sink, run->context, launched, why);
	turn_give(run->turn, getpid());
	*result = (struct station_result){.evidence = launched->evidence,
					  .arena = launched->arena,
					  .arena_size = launched->arena_size,
					  .plan = launched->evidence.plan,
					  .exec_errno = launched->exec_errno};
	return code;
}

/* Leaves only the calls of ROLES. */
static void drop_others(const char *const *roles, struct trial *trial)
{
	size_t kept = 0;
	for (size_t i = 0; roles && i < trial->call_count; i++) {
		bool is_wanted = false;
		for (const char *const *role = roles; *role && !is_wanted; role++)
			is_wanted = plan_glob(*role, trial->calls[i].role, strlen(trial->calls[i].role));
		if (is_wanted)
			trial->calls[kept++] = trial->calls[i];
	}
	trial->call_count = roles ? kept : trial->call_count;
}

/* A rule of the user's that does nothing is not the world that was asked for. */
static int find_idle_rules(const struct plan *plan, struct trial *trial)
{
	struct findings idle = {0};
	int code = plan_findings(plan, &idle);
	trial->idle_rules = (uint32_t)idle.count;
	if (idle.count)
		snprintf(trial->why, sizeof trial->why, "%s", idle.list[0].detail);
	findings_free(&idle);
	return code;
}

static int run_once(struct worker *worker, const struct assignment *assignment, const char *folder,
		    struct trial *trial, struct station_result *result)
{
	char rules[DEPTH_MAX][POINT_RULE_MAX], slow[96], why[512] = "";
	struct station_run run = {.folder = folder,
				  .turn = worker->place->turn,
				  .by_exec = assignment->by_exec != 0,
				  .other_ids = assignment->other_ids != 0,
				  .timeout_ms = assignment->timeout_ms,
				  .seed = worker->request->seed,
				  .sink = intake_take,
				  .context = &worker->intake};
	uint32_t count = assignment->count < DEPTH_MAX ? assignment->count : DEPTH_MAX;
	for (uint32_t i = 0; i < count; i++) {
		point_rule(&assignment->chain[i], rules[i]);
		run.rules[i] = rules[i];
	}
	if (assignment->slow_ms) {
		snprintf(slow, sizeof slow, "all:delay_exit=%ums:when=1..%u:expect=any", assignment->slow_ms,
			 assignment->slow_calls);
		run.rules[count++] = slow;
	}
	run.rules[count] = worker->request->rules; /* of several rules the first gives the result */
	int code = intake_begin(&worker->intake);
	if (!code)
		code = worker->station ? station_run(worker->station, &run, result, why)
				       : run_traced(worker, &run, result, why);
	if (code)
		snprintf(trial->why, sizeof trial->why, "%s",
			 code == -ECANCELED ? "SIGTERM ended the run" : why);
	trial->exec_errno = result->exec_errno;
	trial->is_served = result->is_served;
	trial->is_blind = worker->is_blind;
	trial->refusal = result->refusal;
	if (code || result->exec_errno)
		return code;
	code = intake_judge(&worker->intake, worker->identities, result->arena, result->arena_size,
			    &result->evidence, trial);
	drop_others(worker->request->roles, trial);
	return code || assignment->count ? code : find_idle_rules(result->plan, trial);
}

static int copy_file(int from)
{
	int to = memfd_create("shmcheck-output", MFD_CLOEXEC);
	off_t length = lseek(from, 0, SEEK_END), offset = 0;
	while (to >= 0 && offset < length) {
		char buffer[65536];
		ssize_t got = pread(from, buffer, sizeof buffer, offset);
		if (got <= 0 || write(to, buffer, (size_t)got) != got)
			break;
		offset += got;
	}
	return to;
}

static bool is_wanted(const struct trial_request *request, const struct assignment *assignment,
		      const struct trial *trial)
{
	if (!request->baseline || assignment->count == 0 || assignment->watches_crashes)
		return true;
	return point_is_finding(point_judge(&assignment->chain[0], request->baseline, trial, request->ok));
}

static int reply(const struct worker *worker, int code, const struct run_files *files)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof *files)];
	} control = {0};
	struct answer answer = {code, files->log >= 0};
	struct iovec data = {&answer, sizeof answer};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
	if (answer.has_files) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control;
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){
		    .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof *files)};
		memcpy(CMSG_DATA(header), files, sizeof *files);
	}
	return sendmsg(worker->place->socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int keep_files(const struct worker *worker, const struct station_result *result,
		      struct run_files *files)
{
	*files = (struct run_files){{copy_file(STDOUT_FILENO), copy_file(STDERR_FILENO)},
				    memfd_create("shmcheck-log", MFD_CLOEXEC)};
	if (files->output[0] < 0 || files->output[1] < 0 || files->log < 0)
		return -EMFILE;
	return intake_write_log(&worker->intake, files->log, result->arena, result->arena_size,
				&result->evidence);
}

/* Processor time of all that ran for us so far. */
static uint64_t used_ns(void)
{
	struct rusage usage;
	getrusage(RUSAGE_CHILDREN, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* What cp said stands where a run's standard error goes. */
static void say_not_copied(const char *folder, int code, char why[256])
{
	char said[100] = "";
	ssize_t length = code == -EIO ? pread(STDERR_FILENO, said, sizeof said - 1, 0) : 0;
	said[length > 0 ? strcspn(said, "\n") : 0] = '\0';
	snprintf(why, 256, "cannot copy the folder %.90s to a new one in TMPDIR or /tmp: %s", folder,
		 said[0] ? said : strerror(-code));
}

static int run(struct worker *worker, const struct assignment *assignment, struct trial *trial,
	       struct run_files *files)
{
	const struct trial_request *request = worker->request;
	struct station_result result = {0};
	char *folder = worker->place->folders->copy;
	if (worker->station)
		station_prepare(worker->station, worker->place->turn);
	uint64_t used_before = used_ns();
	int code = empty_streams();
	if (!code && request->copy && (code = folder_copy(request->copy, request->is_root, folder)))
		say_not_copied(request->copy, code, trial->why);
	if (!code)
		code = run_once(worker, assignment, request->copy ? folder : NULL, trial, &result);
	trial->cpu_ns = used_ns() - used_before;
	code = code ? code : compare_outputs(request->expected, trial);
	if (!code && !result.exec_errno && is_wanted(request, assignment, trial))
		code = keep_files(worker, &result, files);
	if (worker->intake.ledger && !code)
		remains_remove(worker->intake.ledger, &result.evidence);
	intake_end(&worker->intake);
	if (request->copy)
		folder_remove(folder);
	folder[0] = '\0';
	return code;
}

/* Returns 0, or -errno when nobody is there to be answered. */
static int serve_one(struct worker *worker, const struct assignment *assignment)
{
	struct trial trial = {0};
	struct run_files files = {{-1, -1}, -1};
	int code = worker->trouble;
	if (code)
		snprintf(trial.why, sizeof trial.why, "%.255s", worker->why);
	else
		code = run(worker, assignment, &trial, &files);
	trial.tool_errno = -code;
	code = trial_write(worker->place->results[assignment->slot % SLOTS], &trial);
	code = reply(worker, code, &files);
	run_files_close(&files);
	trial_free(&trial);
	return code;
}

static void set_up(struct worker *worker)
{
	worker->launch = *worker->request->launch;
	worker->launch.session_told = worker->place->folders->session;
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	worker->trouble = take_streams(worker->request->stdin_file);
	worker->identities = identities_new(worker->request->places);
	if (!worker->trouble && !worker->identities)
		worker->trouble = -ENOMEM;
}

_Noreturn void worker_serve(const struct trial_request *request, const struct workplace *place)
{
	struct worker worker = {.request = request, .place = place};
	struct assignment assignment;
	set_up(&worker);
	if (!worker.trouble)
		worker.trouble = station_open(&worker.launch, &worker.station, worker.why);
	/* should the boss die, the run under way is ended as if it told us so: that begins when SIGTERM is taken */
	bool is_wanted = supervise_goes_with(place->boss, SIGTERM);
	while (is_wanted && recv(place->socket, &assignment, sizeof assignment, 0) == sizeof assignment)
		is_wanted = serve_one(&worker, &assignment) == 0;
	station_close(worker.station);
	_exit(EXIT_SUCCESS);
}

_Noreturn void worker_trace(const struct trial_request *request, const struct workplace *place)
{
	struct worker worker = {.request = request, .place = place};
	struct assignment assignment;
	set_up(&worker);
	if (supervise_goes_with(place->boss, SIGTERM) &&
	    recv(place->socket, &assignment, sizeof assignment, 0) == sizeof assignment) {
		worker.watches_crashes = assignment.watches_crashes;
		serve_one(&worker, &assignment);
	}
	_exit(EXIT_SUCCESS);
}
