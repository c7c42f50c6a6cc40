// SPDX-License-Identifier: MIT
// scenario: the scenario files behind the names on the command line.
#ifndef SHMCHECK_HARNESS_SCENARIO_FIND_FILES_H
#define SHMCHECK_HARNESS_SCENARIO_FIND_FILES_H

#include <stddef.h>

struct files {
	char **list; /* owned, as are the paths */
	size_t count;
};

/* Adds NAME, or the *.yaml and *.yml files below it when it is a folder, sorted, hidden ones left out. Returns 0 or
 * -errno; -ENOENT also when a folder has none. */
int files_add(struct files *files, const char *name);
void files_free(struct files *files);

#endif
