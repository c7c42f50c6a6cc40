// SPDX-License-Identifier: MIT
// front end: the options of every command.
#ifndef SHMCHECK_HARNESS_OPTIONS_H
#define SHMCHECK_HARNESS_OPTIONS_H

#include "harness/analyze/finding.h"
#include "harness/launch/launch.h"
#include "harness/options_explore.h"
#include "harness/options_scenario.h"

#include <stdbool.h>
#include <stdint.h>

struct argp;
struct command;
struct report_format;
struct known;

enum { EXIT_FINDINGS_RUN = 23, EXIT_INCONCLUSIVE_RUN = 24, EXIT_TIMEOUT = 124, EXIT_BROKEN = 125 };
enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };
enum { EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_INCONCLUSIVE = 3 };
enum { REPORTS_MAX = 8, RULES_MAX = 64 };

/* --report=FORMAT[:FILE] */
struct report_request {
	const struct report_format *format;
	const char *file; /* NULL: standard error */
};

struct options {
	const struct command *command;
	const char *self; /* how shmcheck itself was called: argv[0] */
	struct launch_options launch; /* argv is what stands behind the options */
	enum severity show, fail_on;
	struct report_request reports[REPORTS_MAX];
	unsigned report_count;
	const char *log_path; /* --log */
	const char *events_log; /* where --events finds them: set by the command; NULL: nowhere */
	const char *rules[RULES_MAX]; /* --inject, in order */
	const char *rule_files[RULES_MAX];
	unsigned rule_count, rule_file_count;
	unsigned environment_rule_count; /* so many of the rules, the first ones, are from SHMCHECK_OPTIONS */
	int error_exitcode;
	int color; /* -1 auto, 0 never, 1 always */
	struct known *known; /* suppressions, baseline, declared intent; never NULL */
	bool quiet, verbose, events;
	uint64_t seed;
	bool seed_given;
	struct explore_options explore;
	struct scenario_options scenario;
};

/* A table of options, and the commands that take it (enum command_takes; 0: every command, --help). Ends with a NULL
 * argp. */
struct option_group {
	unsigned takes;
	const struct argp *argp;
};
extern const struct option_group option_groups[];

/* Parses SHMCHECK_OPTIONS, then the arguments of COMMAND, argv[0] being its name (it is replaced). On bad usage it says so on standard error
 * and exits with the command's usage status; --help prints and exits 0. */
void options_parse(const struct command *command, int argc, char **argv, struct options *ret_options);

#endif
