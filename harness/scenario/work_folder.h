// SPDX-License-Identifier: MIT
// scenario: the folder that a run works in.
#ifndef SHMCHECK_HARNESS_SCENARIO_WORK_FOLDER_H
#define SHMCHECK_HARNESS_SCENARIO_WORK_FOLDER_H

#include <stdbool.h>

/* Makes PATH an empty folder, for the caller or for ALL users. Returns 0 or -errno. */
int work_folder_make(const char *path, bool all);

/* Removes PATH with all that is in it. */
void work_folder_remove(const char *path);

/* Removes the folder that PATH lies in, if nothing is in it. */
void work_folder_remove_parent(const char *path);

#endif
