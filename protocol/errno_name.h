// SPDX-License-Identifier: MIT
// protocol: errno's names; one table, both ways.
#ifndef SHMCHECK_PROTOCOL_ERRNO_NAME_H
#define SHMCHECK_PROTOCOL_ERRNO_NAME_H

/* "ENOMEM" for ENOMEM; NULL for a number without a name. */
const char *errno_name(int error);

/* The errno of that NAME (LENGTH bytes); -1 when there is none. */
int errno_by_name(const char *name, unsigned length);

/* The table's names by INDEX from 0; NULL past the end. For listing, and for finding the nearest one. */
const char *errno_name_at(unsigned index);

#endif
