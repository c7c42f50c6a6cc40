// SPDX-License-Identifier: MIT
// shim: the shmcheck command, run to answer a question about stacks.
#ifndef SHMCHECK_SHIM_ASK_H
#define SHMCHECK_SHIM_ASK_H

#include "include/shmcheck.h"
#include "protocol/question.h"

/* Runs `shmcheck explain` on the COUNT stacks of LEAKS, in a process of its own, and puts its answer and a NUL into TEXT.
 * Returns the answer's length, or -errno: -ENOENT without the command, -EIO when it failed. Not for the path of a call:
 * it waits; but no heap, no lock, no handler of the program's is run in the new process. */
long ask(enum question_kind kind, const struct shmcheck_leak *leaks, size_t count, char *text, size_t size);

#endif
