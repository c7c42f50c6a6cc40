// SPDX-License-Identifier: MIT
// report: how things are called in every format: calls, places, processes, strings made safe.
#ifndef SHMCHECK_HARNESS_REPORT_SAY_H
#define SHMCHECK_HARNESS_REPORT_SAY_H

#include "told.h"

enum { SAY_MAX = 512 };

/* LENGTH bytes as printable text: control characters and what is not UTF-8 become \xNN. */
void say_escape(const char *bytes, size_t length, char *ret_text, size_t size);

/* The same, but a backslash stays one: for messages, in which a path or pattern should look as it was typed. */
void say_message(const char *bytes, size_t length, char *ret_text, size_t size);

/* How many of the LEFT (at least 1) bytes at NEXT are one printable character; 0: none. */
size_t say_character(const char *next, size_t left);

/* say_escape for a whole string, in memory that the caller frees; NULL: no memory. */
char *say_printable(const char *text);

/* "shmctl(3, IPC_RMID) = -1 EPERM (INJECTED)" */
void say_call(const struct record *record, char *ret_text, size_t size);

/* The bytes of the string behind REF, length in *ret_length; NULL when there is none. Not NUL-terminated. */
const char *books_string(const struct books *books, uint32_t ref, size_t *ret_length);

/* "main (ipcmk, pid 42)" */
void say_process(const struct books *books, uint32_t serial, pid_t pid, char *ret_text, size_t size);

/* "function (file.c:12)" or "function (/bin/x+0x1f)" */
void say_frame(const struct frame *frame, char *ret_text, size_t size);

/* "exited 0", "died of SIGSEGV" */
void say_status(int status, char *ret_text, size_t size);

/* "0x5e1f", or "IPC_PRIVATE" */
void say_key(int32_t key, char *ret_text, size_t size);

#endif
