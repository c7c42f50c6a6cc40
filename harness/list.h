// SPDX-License-Identifier: MIT
// front end: shmcheck list: the tables, as people read them.
#ifndef SHMCHECK_HARNESS_LIST_H
#define SHMCHECK_HARNESS_LIST_H

#include <stdio.h>

/* Prints the table WHAT ("calls", "errnos", "effects", "findings") to STREAM. Returns 0, -EINVAL for an unknown
 * name, or -EIO when the stream failed. */
int list_print(const char *what, FILE *stream);

/* The names of the tables by INDEX from 0; NULL past the end. */
const char *list_name(unsigned index);

#endif
