// SPDX-License-Identifier: MIT
// shim: our variables: found at start-up, put back into the environment of every new image.
#ifndef SHMCHECK_SHIM_ENVIRONMENT_H
#define SHMCHECK_SHIM_ENVIRONMENT_H

#include "shim/self.h"

#include <stdbool.h>
#include <stddef.h>

/* The value of NAME in ENVIRONMENT (NULL allowed), or NULL. */
const char *environment_get(char *const *environment, const char *name);

/* Keeps a copy of our variables as they are in ENVIRONMENT: the program may write over them. */
void environment_remember(char *const *environment);

/* From now on ENVIRONMENT, which is the program's own, tells of us whatever environment_tell said last. */
void environment_adopt(char **environment);

/* What a new image is told that takes the program's own environment as it is: by libc's system and popen, or by a raw
 * system call. */
void environment_tell(const struct self *self);

/* Whether ENVIRONMENT carries the session, the preload and what environment_tell says. */
bool environment_is_ours(char *const *environment);

/* Bytes that environment_build needs for ENVIRONMENT. */
size_t environment_size(char *const *environment);

/* Puts into BUFFER a copy of ENVIRONMENT's array with our variables put back and SELF told; the strings that are not
 * ours stay where they are. */
char **environment_build(void *buffer, char *const *environment, const struct self *self);

#endif
