// SPDX-License-Identifier: MIT
// shim: our variables: found at start-up, put back into the environment of every new image.
#ifndef SHMCHECK_SHIM_ENVIRONMENT_H
#define SHMCHECK_SHIM_ENVIRONMENT_H

#include "shim/self.h"

#include <stdbool.h>
#include <stddef.h>

/* The value of NAME in ENVIRONMENT (NULL allowed), or NULL. */
const char *environment_get(char *const *environment, const char *name);

/* Keeps SESSION, the path that leads the next image to it (NULL: none does), and a copy of the preload as it is in
 * ENVIRONMENT: the program may write over it. */
void environment_remember(char *const *environment, const char *session);

/* From now on ENVIRONMENT, which is the program's own, tells of us whatever environment_tell said last. The one that the
 * image began with (IS_FIRST) does so where the kernel put it: its entries still lie one behind the other. */
void environment_adopt(char **environment, bool is_first);

/* What a new image is told that takes the program's own environment as it is: by libc's system and popen, or by a raw
 * system call. */
void environment_tell(const struct self *self);

/* Whether ENVIRONMENT carries the session, the preload and what environment_tell says. Where no path leads to the
 * session every environment does, and is left alone by environment_build, too. */
bool environment_is_ours(char *const *environment);

/* Whether ENVIRONMENT asks for rules or a log of its own: SHMCHECK_INJECT, SHMCHECK_LOG. */
bool environment_asks_for_log(char *const *environment);

/* Whether ENVIRONMENT leads to a session that is there and is not ours: another shmcheck, which runs under this one, starts
 * its program; or whether it asks for a log of its own, under the command. It is not ours to watch then. */
bool environment_is_anothers(char *const *environment);

/* Takes NAME out of ENVIRONMENT. */
void environment_drop(char **environment, const char *name);

/* Whether ENVIRONMENT is that of a program which runs under valgrind: its core preloads a library of its own. */
bool environment_is_valgrinds(char *const *environment);

/* Whether ENVIRONMENT and its strings may be read: for one that may not, exec fails with EFAULT, and does not crash. */
bool environment_is_readable(char *const *environment);

/* Bytes that environment_build needs for ENVIRONMENT. */
size_t environment_size(char *const *environment);

/* Puts into BUFFER a copy of ENVIRONMENT's array with our variables put back and SELF told; the strings that are not
 * ours stay where they are. ENVIRONMENT itself when it leads to another session. */
char **environment_build(void *buffer, char *const *environment, const struct self *self);

#endif
