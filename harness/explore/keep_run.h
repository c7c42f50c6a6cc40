// SPDX-License-Identifier: MIT
// explore: what a failing run printed and its log, kept as files (--output).
#ifndef SHMCHECK_HARNESS_EXPLORE_KEEP_RUN_H
#define SHMCHECK_HARNESS_EXPLORE_KEEP_RUN_H

#include "harness/explore/crew.h"
#include "harness/explore/worklist.h"

/* Longer than any path that the kernel takes: what is too long is told by it. */
enum { KEEP_PATH_MAX = 8192 };

/* The folder of TRIED's run below FOLDER: its identity with what a file name cannot hold replaced, after its verdict. */
void keep_run_path(const char *folder, const struct tried *tried, char ret_path[KEEP_PATH_MAX]);

/* Writes stdout, stderr and log, as files of these names, into that folder, which it makes. Returns 0 or -errno. */
int keep_run(const char *folder, const struct tried *tried, const struct run_files *files);

/* At the end: removes from FOLDER what was kept, in this exploration or an earlier one, of POINTS that were tried and do
 * not have the verdict that it was kept for: a finding that was taken back, or that was mended. */
void keep_run_tidy(const char *folder, const struct worklist *points);

#endif
