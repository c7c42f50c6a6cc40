// SPDX-License-Identifier: MIT
// front end: files that a user names, to be read or written: what is wrong with them is known before anything runs.
#ifndef SHMCHECK_HARNESS_USER_FILE_H
#define SHMCHECK_HARNESS_USER_FILE_H

#include <stdbool.h>
#include <stdio.h>

/* Opens PATH for reading: a file, a device, a pipe as in <(command), or a FIFO, which has USER_FILE_WAIT_MS for a writer
 * to come. Returns 0; -errno: -EISDIR for a folder, -EPIPE for a FIFO that nobody writes to. */
enum { USER_FILE_WAIT_MS = 2000 };
int user_file_open(const char *path, FILE **ret_stream);

/* Whether PATH can be read from its beginning by one process after another: 0; -errno, -ESPIPE for a pipe or a FIFO. */
int user_file_check_input(const char *path);

/* Whether PATH could be written, or made in a folder that is there. Nothing is made. Returns 0 or -errno. */
int user_file_check_output(const char *path);
int user_folder_check_output(const char *path);

/* Whether A and B, which need not be there, name one file that both would be written to, so that one is lost. Standard
 * output and error can be written to twice, and so can what is no regular file. */
bool user_file_is_same(const char *a, const char *b);

/* Opens PATH for writing, as fopen(3) with "w" but for two things: what is standard output or error already, by whatever
 * name, is written on where it stands (opened anew it would be cut, and two writers would overwrite each other); and a
 * FIFO has USER_FILE_WAIT_MS for a reader to come, else errno is EPIPE. NULL with errno. */
FILE *user_file_create(const char *path);

/* Closes what user_file_create made. Returns 0; -errno when not all of it was written: that of the last attempt, when this
 * is called right behind it. */
int user_file_close(FILE *stream);

/* What CODE (-errno) of these, or of reading or writing what they opened, means, as the end of "cannot read 'FILE': ". */
const char *user_file_error(int code);

#endif
