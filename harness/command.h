// SPDX-License-Identifier: MIT
// front end: the table of commands and the table of report formats.
#ifndef SHMCHECK_HARNESS_COMMAND_H
#define SHMCHECK_HARNESS_COMMAND_H

#include "harness/options.h"
#include "harness/report/report.h"

#include <stdio.h>

enum command_takes {
	TAKES_RUNNING = 1 << 0,
	TAKES_JUDGING = 1 << 1,
	TAKES_EXPLORING = 1 << 2,
	TAKES_SCENARIOS = 1 << 3,
	TAKES_ONCE = 1 << 4
};

struct command {
	const char *name;
	const char *usage; /* what stands behind the options */
	const char *summary; /* one line */
	int (*execute)(struct options *options); /* returns the exit status */
	unsigned takes; /* enum command_takes */
	int operands; /* 0 none, 1 exactly one, 2 one or more */
	int usage_status; /* for bad usage */
};

struct report_format {
	const char *name;
	report_render *render;
};

/* Both end with a row whose name is NULL. */
extern const struct command commands[];
extern const struct report_format report_formats[];

int command_run(struct options *options);
int command_explore(struct options *options);
int command_scenario(struct options *options);
int command_report(struct options *options);
int command_list(struct options *options);
int command_doctor(struct options *options);
int command_explain(struct options *options);

#endif
