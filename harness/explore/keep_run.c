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

static const char *const files_kept[] = {"stdout", "stderr", "log"};

static void make_path(const char *folder, const struct tried *tried, enum point_verdict verdict,
		      char ret_path[KEEP_PATH_MAX])
{
	char name[NAME_MOST];
	size_t length = 0;
	for (const char *c = tried->id; *c && length < NAME_MOST - 1; c++)
		name[length++] = *c == '/' ? '-' : *c;
	name[length] = '\0';
	snprintf(ret_path, KEEP_PATH_MAX, "%s/%s-%s", folder, point_verdict_row(verdict)->name, name);
}

void keep_run_path(const char *folder, const struct tried *tried, char ret_path[KEEP_PATH_MAX])
{
	make_path(folder, tried, tried->verdict, ret_path);
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
	for (ssize_t got; !code && (got = pread(from, buffer, sizeof buffer, offset)) != 0; offset += got) {
		ssize_t put = got < 0 ? got : write(to, buffer, (size_t)got);
		if (put != got || put < 0)
			code = put < 0 ? -errno : -ENOSPC; /* a file takes less only when there is no room */
	}
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
	const int from[] = {files->output[0], files->output[1], files->log};
	int code = 0;
	for (unsigned i = 0; !code && i < sizeof from / sizeof *from; i++)
		code = copy(from[i], path, files_kept[i]);
	return code;
}

static void forget(const char *path)
{
	char file[KEEP_PATH_MAX + 16];
	for (unsigned i = 0; i < sizeof files_kept / sizeof *files_kept; i++) {
		snprintf(file, sizeof file, "%s/%s", path, files_kept[i]);
		if (unlink(file) && errno == ENOENT && i == 0)
			return;
	}
	rmdir(path);
}

void keep_run_tidy(const char *folder, const struct worklist *points)
{
	char path[KEEP_PATH_MAX];
	for (size_t i = 0; i < points->count; i++) {
		const struct tried *tried = &points->list[i];
		for (enum point_verdict verdict = 0; tried->runs && verdict < POINT_VERDICTS; verdict++) {
			bool is_told = tried->has_verdict && tried->verdict == verdict;
			if (is_told || !point_is_finding(verdict))
				continue;
			make_path(folder, tried, verdict, path);
			forget(path);
		}
	}
}
