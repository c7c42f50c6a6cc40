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
	if (!*path)
		return -ENOENT;
	char *copy = strdup(path);
	int code = !copy ? -ENOMEM : access(dirname(copy), W_OK | X_OK) ? -errno : 0;
	free(copy);
	return code;
}

int user_file_check_output(const char *path)
{
	struct stat status;
	if (stat(path, &status)) {
		int code = errno == ENOENT ? check_parent(path) : -errno;
		return !code && path[strlen(path) - 1] == '/' ? -EISDIR : code;
	}
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

static bool is_one(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether STATUS is that of our standard output or error. */
static bool is_standard(const struct stat *status)
{
	struct stat standard;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (fstat(fd, &standard) == 0 && is_one(status, &standard))
			return true;
	return false;
}

/* Two files that are not there yet are one when they have one name in one folder. */
static bool will_be_one(const char *a, const char *b)
{
	struct stat folder_a, folder_b;
	char *copy_a = strdup(a), *copy_b = strdup(b);
	bool same = copy_a && copy_b && strcmp(basename(copy_a), basename(copy_b)) == 0 &&
		    stat(dirname(copy_a), &folder_a) == 0 && stat(dirname(copy_b), &folder_b) == 0 &&
		    is_one(&folder_a, &folder_b);
	free(copy_a);
	free(copy_b);
	return same;
}

bool user_file_is_same(const char *a, const char *b)
{
	struct stat status_a, status_b;
	int missing_a = stat(a, &status_a), missing_b = stat(b, &status_b);
	if (missing_a || missing_b)
		return missing_a && missing_b && will_be_one(a, b);
	return S_ISREG(status_a.st_mode) && is_one(&status_a, &status_b) && !is_standard(&status_a);
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
		if (stat(path, &named) == 0 && fstat(fd, &standard) == 0 && is_one(&named, &standard))
			return fdopen(dup(fd), "w");
	int fd = create(path);
	if (fd < 0 || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK))
		return NULL;
	return fdopen(fd, "w");
}

int user_file_close(FILE *stream)
{
	int reason = errno;
	bool has_failed = ferror(stream);
	if (fclose(stream))
		return -errno;
	return has_failed ? -(reason ? reason : EIO) : 0;
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
