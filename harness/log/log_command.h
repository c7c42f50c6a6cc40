// SPDX-License-Identifier: MIT
// harness: the command line of a program that ran without the harness, from its log.
#ifndef SHMCHECK_HARNESS_LOG_LOG_COMMAND_H
#define SHMCHECK_HARNESS_LOG_LOG_COMMAND_H

#include <stddef.h>

/* PROGRAM and its arguments, NULL-terminated, all to be freed; NULL: no memory. EXECUTED is the name that it was executed
 * by, or NULL. WORDS are LENGTH bytes, words that each end in NUL, as /proc/PID/cmdline has them; without them the
 * program stands alone. Of a script they begin with its interpreter, which is left out; a first word that is no name of
 * the program's, as a login shell's, is replaced. */
char **log_command(const char *executed, const char *words, size_t length);

#endif
