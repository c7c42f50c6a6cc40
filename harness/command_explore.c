// SPDX-License-Identifier: MIT
// front end: shmcheck explore: every way in which a call can fail, tried.
#include "command.h"
#include "compile_rules.h"
#include "error.h"
#include "harness/explore/keep_run.h"
#include "harness/explore/progress.h"
#include "harness/explore/sweep.h"
#include "harness/launch/target.h"
#include "harness/launch/world.h"
#include "harness/processors.h"
#include "harness/report/explore_report.h"
#include "publish.h"
#include "user_file.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_LEAST_MS = 1000, TIMEOUT_TIMES = 10 };

static volatile int is_stopped; /* the signal handler's only word */

static void stop(int signal)
{
	(void)signal;
	is_stopped = 1;
}

static void take_signals(void)
{
	struct sigaction action = {.sa_handler = stop};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Each command line that shows a finding again reads the files of rules again. */
static int check_rule_files(const struct options *options)
{
	for (unsigned i = 0; i < options->rule_file_count; i++)
		if (strcmp(options->rule_files[i], "-") == 0) {
			error_print("--inject-file=-: explore tells command lines that show a finding again, "
				    "and standard "
				    "input cannot be read again: name a file");
			return EXIT_USAGE;
		}
	return 0;
}

/* The rules of the user's. Room is kept for those of a point and what it comes after, two rules each. */
static int check_rules(const struct options *options)
{
	const uint32_t most = PLAN_RULES - 2 * DEPTH_MAX;
	const struct plan *plan = options->launch.plan;
	if (plan && plan->rule_count > most) {
		error_print("%u rules: with explore there may be %u, beside those of its own",
			    plan->rule_count, most);
		return EXIT_USAGE;
	}
	return 0;
}

/* What can be known to be wrong before anything runs. Returns 0 or a status. */
static int check(const struct options *options)
{
	const struct explore_options *explore = &options->explore;
	struct stat status;
	int input = explore->stdin_file ? user_file_check_input(explore->stdin_file) : 0;
	if (input) {
		error_print("cannot read --stdin=%s: %s", explore->stdin_file, user_file_error(input));
		return EXIT_USAGE;
	}
	int output = explore->output ? user_folder_check_output(explore->output) : 0;
	if (output) {
		error_print("cannot write to --output=%s: %s", explore->output, user_file_error(output));
		return EXIT_USAGE;
	}
	if (explore->copy && (stat(explore->copy, &status) || !S_ISDIR(status.st_mode))) {
		error_print("--copy=%s: not a folder", explore->copy);
		return EXIT_USAGE;
	}
	return 0;
}

static void make_settings(struct options *options, struct sweep_settings *settings)
{
	const struct explore_options *explore = &options->explore;
	options->launch.kill_survivors = true;
	options->explore.timeout_ms = options->launch.timeout_ms;
	*settings = (struct sweep_settings){.request = {.launch = &options->launch,
							.stdin_file = explore->stdin_file,
							.copy = explore->copy,
							.is_root = geteuid() == 0},
					    .worklist = {.expand = explore->expand,
							 .all_points = explore->all_points,
							 .shard = explore->shard,
							 .shards = explore->shards,
							 .only = explore->point},
					    .ok = explore->ok,
					    .fork_server = explore->fork_server && !explore->list,
					    .jobs = explore->jobs ? explore->jobs : processors_count(),
					    .may_have_more_jobs = !explore->jobs,
					    .depth = explore->depth,
					    .budget_runs = explore->budget_runs,
					    .budget_ns = (uint64_t)explore->budget_ms * 1000000,
					    .output = explore->output,
					    .stop = &is_stopped};
	if (options->launch.isolate == ISOLATE_NONE) {
		settings->jobs = 1;
		settings->may_have_more_jobs = false;
	}
	settings->worklist.expand.worlds = options->launch.isolate != ISOLATE_NONE;
	settings->worklist.expand.denies = !world_denies_nothing();
	if (explore->point)
		worklist_for_point(explore->point, &settings->worklist, &settings->depth);
}

static int not_run(const struct options *options, const struct sweep *sweep, int code)
{
	int exec_errno = sweep->baseline.exec_errno;
	char why[TARGET_WHY];
	if (code) {
		error_print("%s%s", sweep->why[0] ? "" : "the exploration could not be made: ",
			    sweep->why[0] ? sweep->why : strerror(-code));
		return is_stopped ? EXIT_INCONCLUSIVE : EXIT_BROKEN;
	}
	target_exec_error(options->launch.argv[0], exec_errno, why);
	error_print("cannot execute '%s': %s", options->launch.argv[0], why);
	return exec_errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* By the baseline: what counts as success, and how long a run may take. */
static void learn(struct options *options, struct sweep_settings *settings, struct sweep *sweep)
{
	const struct trial *baseline = &sweep->baseline;
	if (WIFEXITED(baseline->status) && settings->ok.count < OK_STATUSES_MAX)
		settings->ok.codes[settings->ok.count++] = WEXITSTATUS(baseline->status);
	int64_t ms = (int64_t)(baseline->duration_ns / 1000000) * TIMEOUT_TIMES;
	if (options->launch.timeout_ms)
		return;
	options->launch.timeout_ms = ms > TIMEOUT_LEAST_MS ? ms : TIMEOUT_LEAST_MS;
	sweep->hang_ms = HANG_TIMES * options->launch.timeout_ms;
}

static int conclude_exploration(const struct options *options, const struct sweep_settings *settings,
				const struct sweep *sweep)
{
	struct explored explored = {0};
	struct report report = {0};
	enum verdict verdict = VERDICT_INCONCLUSIVE;
	int code = explore_fill(options, settings, sweep, &explored, &report);
	if (code)
		error_print_errno(-code, "the exploration could not be reported");
	else
		code = publish(options, &report, &verdict);
	explore_free(&explored);
	report_free(&report);
	if (code)
		return EXIT_BROKEN;
	return verdict == VERDICT_CLEAN ? 0 : verdict == VERDICT_FINDINGS ? EXIT_FINDINGS : EXIT_INCONCLUSIVE;
}

/* On request. */
static int look_for_server(const struct sweep_settings *settings, struct sweep *sweep)
{
	if (!settings->fork_server)
		return 0;
	if (settings->request.copy)
		snprintf(sweep->server_why, sizeof sweep->server_why,
			 "with --copy each run starts in another folder");
	else if (sweep->is_inconclusive)
		snprintf(sweep->server_why, sizeof sweep->server_why, "%.290s", sweep->why);
	else
		return sweep_try_server(settings, sweep);
	return 0;
}

static int explore(struct options *options, struct sweep_settings *settings, struct sweep *sweep)
{
	int code = sweep_baseline(settings, sweep);
	if (code || sweep->baseline.exec_errno)
		return not_run(options, sweep, code);
	learn(options, settings, sweep);
	code = look_for_server(settings, sweep);
	if (code)
		return not_run(options, sweep, code);
	settings->is_shuffled = !options->explore.list && (sweep_has_budget(settings) || options->seed_given);
	settings->seed = options->seed;
	code = sweep_list(settings, sweep);
	if (!code && options->explore.point && worklist_next(&sweep->points, settings->depth) == SIZE_MAX) {
		error_print("there is no point '%s' in this program: shmcheck explore --list shows them all",
			    options->explore.point);
		return EXIT_USAGE;
	}
	if (!code && options->explore.list)
		return explore_list(settings, sweep, stdout) ? EXIT_BROKEN : 0;
	struct progress *progress = code ? NULL : progress_new(settings, options->quiet);
	settings->progress = progress_show;
	settings->context = progress;
	if (!code)
		code = sweep_run(settings, sweep);
	progress_end(progress);
	if (settings->output)
		keep_run_tidy(settings->output, &sweep->points);
	if (code) {
		error_print_errno(-code, "the exploration broke off");
		return EXIT_BROKEN;
	}
	if (sweep->unkept)
		error_print_errno(-sweep->unkept,
				  "what failing runs printed could not be kept below --output=%s",
				  settings->output);
	int status = conclude_exploration(options, settings, sweep);
	return sweep->unkept ? EXIT_BROKEN : status;
}

static int explore_all(struct options *options)
{
	struct sweep_settings settings;
	struct sweep sweep = {.baseline_log = -1, .places = places_new()};
	char *text = options->launch.plan ? rules_text(options->launch.plan) : NULL;
	int status = EXIT_BROKEN;
	if (sweep.places && (text || !options->launch.plan)) {
		make_settings(options, &settings);
		settings.request.rules = text;
		settings.request.seed = options->seed;
		take_signals();
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		status = explore(options, &settings, &sweep);
	}
	free(text);
	places_free(sweep.places);
	sweep_free(&sweep);
	return status;
}

int command_explore(struct options *options)
{
	struct rules *rules = rules_new(options->seed);
	int status = check(options);
	status = status ? status : check_rule_files(options);
	if (!status && compile_rules(options, rules))
		status = EXIT_USAGE;
	status = status ? status : check_rules(options);
	status = status ? status : explore_all(options);
	rules_free(rules);
	return status;
}
