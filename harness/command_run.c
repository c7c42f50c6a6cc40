// SPDX-License-Identifier: MIT
// front end: shmcheck run: one run, watched, judged and reported.
#include "command.h"
#include "compile_rules.h"
#include "conclude.h"
#include "error.h"
#include "harness/launch/target.h"
#include "harness/log/log.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Where the drained records go: into the books and, when asked for, into the kept log. */
struct intake {
	struct ledger *ledger;
	struct log_writer *log;
	int log_error; /* the first failure; the run goes on without the log */
};

static int take(void *context, const struct record *records, size_t count)
{
	struct intake *intake = context;
	for (size_t i = 0; i < count; i++) {
		int code = ledger_apply(intake->ledger, &records[i]);
		if (code)
			return code;
	}
	if (intake->log && !intake->log_error)
		intake->log_error = log_writer_records(intake->log, records, count);
	return 0;
}

/* --events reads the log again; where none is kept, one in memory does. */
static const char *events_log(const struct options *options)
{
	static char path[48];
	int fd = options->events && !options->log_path ? memfd_create("shmcheck-log", MFD_CLOEXEC) : -1;
	if (fd < 0)
		return options->log_path;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return path;
}

static int open_log(struct options *options, struct intake *intake)
{
	options->events_log = events_log(options);
	if (!options->events_log)
		return 0;
	int code = log_writer_open(options->events_log, &intake->log);
	if (code)
		error_print_errno(-code, "cannot create the log '%s'", options->events_log);
	return code;
}

static int finish_log(const struct options *options, struct intake *intake,
		      const struct launch_result *result)
{
	if (!intake->log)
		return 0;
	if (!intake->log_error)
		intake->log_error =
		    log_writer_finish(intake->log, result->arena, result->arena_size, &result->evidence);
	if (intake->log_error)
		error_print_errno(-intake->log_error, "the log '%s' is incomplete", options->events_log);
	return intake->log_error;
}

static int not_executed(const char *program, int code)
{
	char why[TARGET_WHY];
	target_exec_error(program, code, why);
	error_print("cannot execute '%s': %s", program, why);
	return code == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* The program's own status first, then the verdict's. */
static int exit_status(const struct options *options, const struct evidence *evidence, enum verdict verdict)
{
	int status = evidence->program_status;
	if (evidence->timed_out)
		return EXIT_TIMEOUT;
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	if (WEXITSTATUS(status))
		return WEXITSTATUS(status);
	if (verdict == VERDICT_FINDINGS)
		return options->error_exitcode;
	return verdict == VERDICT_INCONCLUSIVE ? EXIT_INCONCLUSIVE_RUN : 0;
}

static int judge(const struct options *options, struct intake *intake, struct launch_result *result)
{
	enum verdict verdict;
	if (result->exec_errno)
		return not_executed(options->launch.argv[0], result->exec_errno);
	int log_failed = finish_log(options, intake, result);
	int code =
	    conclude(options, intake->ledger, &result->evidence, result->arena, result->arena_size, &verdict);
	if (code || log_failed)
		return EXIT_BROKEN;
	return exit_status(options, &result->evidence, verdict);
}

int command_run(struct options *options)
{
	struct intake intake = {.ledger = ledger_new()};
	struct rules *rules = rules_new(options->seed);
	struct launch_result result = {0};
	char why[512];
	int status = EXIT_BROKEN;
	if (!intake.ledger)
		error_print_errno(ENOMEM, "cannot start");
	else if (compile_rules(options, rules) == 0 && open_log(options, &intake) == 0) {
		int code = launch(&options->launch, take, &intake, &result, why);
		if (code)
			error_print("%s", why);
		else
			status = judge(options, &intake, &result);
	}
	launch_result_free(&result);
	rules_free(rules);
	log_writer_free(intake.log);
	ledger_free(intake.ledger);
	return status;
}
