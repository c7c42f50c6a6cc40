// SPDX-License-Identifier: MIT
// protocol: names of signals; one table, both ways.
#ifndef SHMCHECK_PROTOCOL_SIGNAL_NAME_H
#define SHMCHECK_PROTOCOL_SIGNAL_NAME_H

enum { SIGNAL_FIRST_REALTIME = 34, SIGNAL_LAST = 64 }; /* SIGRTMIN as glibc has it; _NSIG - 1 */

/* "SIGTERM", "SIGRTMIN", "SIGRTMIN+3", …; NULL for 32 and 33, which are glibc's own, and what is no signal. */
const char *signal_name(int signal);

/* The signal of that NAME (LENGTH bytes): SIGTERM, TERM, 15, SIGRTMIN+n, SIGRTMAX-n; -1 when there is none. */
int signal_by_name(const char *name, unsigned length);

/* The table's names by INDEX from 0; NULL past the end. */
const char *signal_name_at(unsigned index);

#endif
