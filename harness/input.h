// SPDX-License-Identifier: MIT
// front end: files that a user names: rules, suppressions, a baseline, a scenario.
#ifndef SHMCHECK_HARNESS_INPUT_H
#define SHMCHECK_HARNESS_INPUT_H

#include <stdio.h>

/* Opens PATH for reading: a file, a device, a pipe as in <(command), or a FIFO, which has INPUT_WAIT_MS for a writer to
 * come. Returns 0; -errno: -EISDIR for a folder, -EPIPE for a FIFO that nobody writes to. */
enum { INPUT_WAIT_MS = 2000 };
int input_open(const char *path, FILE **ret_stream);

/* What CODE of input_open, or of reading what it opened, means, as the end of "cannot read 'FILE': ". */
const char *input_error(int code);

#endif
