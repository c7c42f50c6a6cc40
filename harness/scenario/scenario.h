// SPDX-License-Identifier: MIT
// scenario: a scenario file as it is loaded: shmcheck-scenario(5) explains each key.
#ifndef SHMCHECK_HARNESS_SCENARIO_SCENARIO_H
#define SHMCHECK_HARNESS_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

/* Strings are owned by libcyaml; an optional one that is not there is NULL, an optional number a NULL pointer. */

struct skip {
	char *unless, *when, *why; /* `if` is WHEN */
};

struct ftok_key {
	char *path;
	int64_t project;
};

struct planted_segment {
	int64_t *key;
	struct ftok_key *ftok;
	uint64_t size;
	uint32_t *mode;
	char *owner;
	char *content, *content_hex;
	uint8_t fill;
};

struct stop {
	char **after;
	unsigned after_count;
	char *signal;
};

struct scenario_process {
	char *name;
	char **command;
	unsigned command_count;
	char **environment;
	unsigned environment_count;
	char *user, *folder;
	char *input, *input_file; /* stdin, stdin-file */
	uint32_t *instances;
	char **start_after;
	unsigned start_after_count;
	struct stop *stop;
};

struct scenario_signal {
	char *signal, *to, *after, *before;
};

struct expected_process {
	char *name, *exit, *signal;
	char *output, *output_regex; /* stdout, stdout-regex */
	char *errors, *errors_regex;
};

struct expected_segment {
	int64_t *key;
	struct ftok_key *ftok;
	bool *exists;
	uint64_t *size;
	uint32_t *mode;
	char *owner;
	uint64_t offset;
	char *content, *content_regex, *content_hex;
};

struct expectations {
	struct expected_process *processes;
	unsigned processes_count;
	char **findings;
	unsigned findings_count;
	uint32_t *segments_left;
	struct expected_segment *segments;
	unsigned segments_count;
	bool timed_out;
};

struct limits {
	int64_t *shmmni, *shmmax, *shmall;
};

struct scenario_explore {
	char **processes;
	unsigned processes_count;
	char *errnos, *calls, *mode, *points, *signals, *depth, *budget;
	char **expect;
	unsigned expect_count;
};

struct scenario {
	char *name, *description;
	char **tags;
	unsigned tags_count;
	struct skip *skip;
	unsigned skip_count;
	struct planted_segment *segments;
	unsigned segments_count;
	struct limits *limits;
	struct scenario_process *processes;
	unsigned processes_count;
	char **order;
	unsigned order_count;
	struct scenario_signal *signals;
	unsigned signals_count;
	char **inject;
	unsigned inject_count;
	uint64_t seed;
	struct expectations *expect;
	char *timeout, *linger;
	uint32_t *repeat;
	bool crashes;
	struct scenario_explore *explore;
};

enum { SCENARIO_ROLES = 256 }; /* processes, instances counted */

#endif
