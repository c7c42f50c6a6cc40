// SPDX-License-Identifier: MIT
// explore: what a failing run printed and its log, kept as files (--output).
#include "keep_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MOST = 200 };

void keep_run_path(const char *folder, const struct tried *tried, char ret_path[KEEP_PATH_MAX])
{
	int at = snprintf(ret_path, KEEP_PATH_MAX - NAME_MOST, "%s/%s-", folder,
			  point_verdict_row(tried->verdict)->name);
	char *name = ret_path + at;
	size_t length = 0;
	for (const char *c = tried->id; *c && length < NAME_MOST - 1; c++)
		name[length++] = *c == '/' ? '-' : *c;
	name[length] = '\0';
}

/* All of the file behind FROM to a new one. */
static int copy(int from, const char *folder, const char *name)
{
	char path[KEEP_PATH_MAX + 16], buffer[65536];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (to < 0)
		return -errno;
	int code = 0;
	off_t offset = 0;
	for (ssize_t got; !code && (got = pread(from, buffer, sizeof buffer, offset)) != 0; offset += got)
		if (got < 0 || write(to, buffer, (size_t)got) != got)
			code = errno ? -errno : -EIO;
	if (close(to) && !code)
		code = -errno;
	return code;
}

int keep_run(const char *folder, const struct tried *tried, const struct run_files *files)
{
	char path[KEEP_PATH_MAX];
	keep_run_path(folder, tried, path);
	if ((mkdir(folder, 0777) && errno != EEXIST) || (mkdir(path, 0777) && errno != EEXIST))
		return -errno;
	int code = copy(files->output[0], path, "stdout");
	code = code ? code : copy(files->output[1], path, "stderr");
	return code ? code : copy(files->log, path, "log");
}
