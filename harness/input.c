// SPDX-License-Identifier: MIT
// front end: files that a user names: rules, suppressions, a baseline, a scenario.
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without bytes and without a hang-up there may still be a writer that has not written yet: then a read would block. The
 * byte that comes in between goes back. */
static int await_writer(FILE *stream)
{
	struct pollfd fd = {fileno(stream), POLLIN, 0};
	char byte;
	if (poll(&fd, 1, INPUT_WAIT_MS) > 0)
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

int input_open(const char *path, FILE **ret_stream)
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

const char *input_error(int code)
{
	return code == -EPIPE ? "a FIFO that nobody writes to" : strerror(-code);
}
