// SPDX-License-Identifier: MIT
// report: what makes two findings the same one, from run to run and from version to version of a program.
#ifndef SHMCHECK_HARNESS_REPORT_FINGERPRINT_H
#define SHMCHECK_HARNESS_REPORT_FINGERPRINT_H

#include "told.h"

enum { FINGERPRINT_TEXT = 17 };

/* Made of the kind of finding and, for each frame of its stack outside the C library, the object's file name and the
 * function; the offset only where there is no function's name. Lines, addresses, pids, ids, folders and keys (ftok's differ from machine to
 * machine) are no part of it. Never 0. */
uint64_t fingerprint_finding(const struct told_finding *finding);

/* The same for a case that is more than its findings, by its kind, verdict, group and location. */
struct report_case;
uint64_t fingerprint_case(const struct report_case *report_case);

/* 16 hexadecimal digits. */
void fingerprint_print(uint64_t fingerprint, char ret_text[FINGERPRINT_TEXT]);

/* The reverse; false when TEXT is none. */
bool fingerprint_parse(const char *text, uint64_t *ret_fingerprint);

#endif
