// SPDX-License-Identifier: MIT
// event log: the file that the library wrote without the harness.
#ifndef SHMCHECK_HARNESS_LOG_LOG_SESSION_H
#define SHMCHECK_HARNESS_LOG_LOG_SESSION_H

#include "log.h"

/* Whether LENGTH bytes begin like such a file. */
bool log_session_is(const void *bytes, size_t length);

/* As log_read_memory. Its evidence has one witness only: there is no kernel's table, and no status of the program. */
int log_session_read(const void *bytes, size_t length, log_sink *sink, void *context,
		     struct log_content *ret_content, char why[256]);

/* Adds a doubt for each process that still has the file, of that INODE, mapped. Returns 0 or -ENOMEM. */
int log_session_writers(unsigned long inode, const void *bytes, size_t length, struct evidence *evidence);

#endif
