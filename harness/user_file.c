// SPDX-License-Identifier: MIT
// front end: files that a user names, to be read or written: what is wrong with them is known before anything runs.
#include "user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Without bytes and without a hang-up there may still be a writer that has not written yet: then a read would block. The
 * byte that comes in between goes back. */
static int await_writer(FILE *stream)
{
	struct pollfd fd = {fileno(stream), POLLIN, 0};
	char byte;
	if (poll(&fd, 1, USER_FILE_WAIT_MS) > 0)
		return 0;
	ssize_t got = read(fd.fd, &byte, 1);
	if (got == 0)
		return -EPIPE;
	if (got > 0)
		ungetc((unsigned char)byte, stream);
	return 0;
}

/* Opening a FIFO would wait for its writer. The pipe of <(command) looks like one; where its writer has come and gone,
 * poll says so. */
static int settle(FILE *stream)
{
	struct stat status;
	int fd = fileno(stream), flags = fcntl(fd, F_GETFL);
	if (fstat(fd, &status) || flags < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	int code = S_ISFIFO(status.st_mode) ? await_writer(stream) : 0;
	if (!code && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK))
		code = -errno;
	return code;
}

int user_file_open(const char *path, FILE **ret_stream)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	FILE *stream = fdopen(fd, "r");
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	int code = settle(stream);
	if (code)
		fclose(stream);
	else
		*ret_stream = stream;
	return code;
}

int user_file_check_input(const char *path)
{
	struct stat status;
	if (stat(path, &status) || access(path, R_OK))
		return -errno;
	return S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) ? -ESPIPE
	       : S_ISDIR(status.st_mode)                            ? -EISDIR
								    : 0;
}

/* Whether something could be made in the folder of PATH. */
static int check_parent(const char *path)
{
	char *copy = strdup(path);
	int code = !copy ? -ENOMEM : access(dirname(copy), W_OK | X_OK) ? -errno : 0;
	free(copy);
	return code;
}

int user_file_check_output(const char *path)
{
	struct stat status;
	if (stat(path, &status))
		return errno == ENOENT ? check_parent(path) : -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return access(path, W_OK) ? -errno : 0;
}

int user_folder_check_output(const char *path)
{
	struct stat status;
	if (stat(path, &status))
		return errno == ENOENT ? check_parent(path) : -errno;
	if (!S_ISDIR(status.st_mode))
		return -ENOTDIR;
	return access(path, W_OK | X_OK) ? -errno : 0;
}

/* Opened without waiting: of files only a FIFO without a reader is ENXIO then. */
static int create(const char *path)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	for (int waited_ms = 0;; waited_ms += 10) {
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
		if (fd >= 0 || errno != ENXIO)
			return fd;
		if (waited_ms >= USER_FILE_WAIT_MS) {
			errno = EPIPE;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
}

FILE *user_file_create(const char *path)
{
	struct stat named, standard;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (stat(path, &named) == 0 && fstat(fd, &standard) == 0 && named.st_dev == standard.st_dev &&
		    named.st_ino == standard.st_ino)
			return fdopen(dup(fd), "w");
	int fd = create(path);
	if (fd < 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		return NULL;
	return fdopen(fd, "w");
}

const char *user_file_error(int code)
{
	switch (-code) {
	case EPIPE:
		return "a FIFO with nobody at its other end";
	case ESPIPE:
		return "a pipe or FIFO, which can be read only once: expected a file";
	default:
		return strerror(-code);
	}
}
