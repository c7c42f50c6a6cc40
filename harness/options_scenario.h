// SPDX-License-Identifier: MIT
// front end: the options of scenario alone.
#ifndef SHMCHECK_HARNESS_OPTIONS_SCENARIO_H
#define SHMCHECK_HARNESS_OPTIONS_SCENARIO_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

enum { PROGRAM_FOLDERS_MAX = 16 };

struct options;

struct scenario_options {
	unsigned jobs; /* 0: the processors */
	char *tags; /* LIST; NULL: all */
	const char *programs[PROGRAM_FOLDERS_MAX + 1]; /* ends with NULL */
	unsigned program_count;
	uint32_t repeat; /* 0: what each scenario says */
	bool no_skip, list;
	const char *point; /* of the sections `explore`: this one only */
};

struct ready;

/* The options that READY's section `explore` gives, into READY. On a bad one it says so, with its place in the file, and
 * exits with the usage status. */
void options_of_section(struct ready *ready, struct options *options);

/* Its input is a struct options *. */
extern const struct argp options_scenario_argp;

#endif
