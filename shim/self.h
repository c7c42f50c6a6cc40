// SPDX-License-Identifier: MIT
// shim: SHMCHECK_SELF: what an image tells the next one across exec.
#ifndef SHMCHECK_SHIM_SELF_H
#define SHMCHECK_SHIM_SELF_H

#include "protocol/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "pid:serial:image:children:role". PID is of the process that called exec or spawned; 0: the harness. CHILDREN is
 * its count of children so far; for a spawned child, that child's own number. */
struct self {
	int32_t pid;
	uint32_t serial, image, children;
	char role[ROLE_MAX];
};

enum { SELF_MAX = SELF_LENGTH + 1 };

/* Returns whether TEXT is well-formed; untouched otherwise. */
bool self_parse(const char *text, struct self *ret_self);

/* Writes SELF and a NUL; returns the length, SELF_LENGTH. Each number has the same width in every text of one role. */
size_t self_format(const struct self *self, char text[SELF_MAX]);

/* Appends "@NUMBER" to ROLE; what does not fit is replaced by "@+". */
void self_append(char role[ROLE_MAX], uint32_t number);

#endif
