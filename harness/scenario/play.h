// SPDX-License-Identifier: MIT
// scenario: from a file to the scenarios in it, each with its own values of the matrix.
#ifndef SHMCHECK_HARNESS_SCENARIO_PLAY_H
#define SHMCHECK_HARNESS_SCENARIO_PLAY_H

#include "harness/scenario/document.h"
#include "harness/scenario/scenario.h"

/* A file's text. */
struct script {
	char *path; /* as it was named; owned */
	char *folder; /* absolute; owned */
	char *bytes; /* owned */
	size_t length;
};

/* One scenario. */
struct play {
	const struct script *script;
	struct document document; /* with the matrix's values; for the places of things */
	struct scenario *scenario; /* libcyaml's */
	char *label; /* its name, with the matrix's values; owned */
	char *work; /* path of the folder that its runs work in; owned */
};

/* Reads PATH. Returns 0, or -errno with the complaint. */
int script_read(const char *path, struct script *ret_script, struct complaint *complaint);
void script_free(struct script *script);

/* How many scenarios its matrix makes of SCRIPT. Returns 0, or -EINVAL with the complaint. */
int script_count(const struct script *script, size_t *ret_count, struct complaint *complaint);

/* Loads scenario INDEX of SCRIPT, whose runs will work in WORK. Checks the form, not yet the meaning. Returns 0, or
 * -errno with the complaint. SCRIPT must outlive it. */
int play_load(const struct script *script, size_t index, const char *work, struct play *ret_play,
	      struct complaint *complaint);
void play_free(struct play *play);

#endif
