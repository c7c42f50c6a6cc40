// SPDX-License-Identifier: MIT
// explore: a fresh copy of a folder for each run (--copy).
#ifndef SHMCHECK_HARNESS_EXPLORE_FOLDER_H
#define SHMCHECK_HARNESS_EXPLORE_FOLDER_H

#include <stdbool.h>

enum { FOLDER_PATH_MAX = 4096 };

/* Copies the folder FROM with all that is in it to a new one, by cp(1); with KEEPS_OWNERS to the same owners, else to us.
 * Returns 0 or -errno: -EIO when cp failed. */
int folder_copy(const char *from, bool keeps_owners, char ret_path[FOLDER_PATH_MAX]);

/* Removes a folder that folder_copy made. */
void folder_remove(const char *path);

#endif
