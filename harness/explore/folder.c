// SPDX-License-Identifier: MIT
// explore: a fresh copy of a folder for each run (--copy).
#include "folder.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int execute(char *const argv[])
{
	pid_t pid;
	int status = -1;
	int code = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (code)
		return -code;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status == 0 ? 0 : -EIO;
}

int folder_copy(const char *from, bool keeps_owners, char ret_path[FOLDER_PATH_MAX])
{
	const char *temporary = getenv("TMPDIR");
	char source[FOLDER_PATH_MAX];
	if (!temporary || !temporary[0])
		temporary = "/tmp";
	int length = snprintf(ret_path, FOLDER_PATH_MAX, "%s/shmcheck-copy-XXXXXX", temporary);
	int code =
	    length >= FOLDER_PATH_MAX || snprintf(source, sizeof source, "%s/.", from) >= FOLDER_PATH_MAX
		? -ENAMETOOLONG
	    : mkdtemp(ret_path) ? 0
				: -errno;
	if (code) {
		ret_path[0] = '\0'; /* nothing to remove */
		return code;
	}
	char *preserve = keeps_owners ? "--preserve=all" : "--preserve=mode,timestamps,links";
	char *const argv[] = {"cp", "-dR", preserve, "--", source, ret_path, NULL};
	code = execute(argv);
	if (code)
		folder_remove(ret_path);
	return code;
}

void folder_remove(const char *path)
{
	char *const argv[] = {"rm", "-rf", "--", (char *)path, NULL};
	if (path[0])
		execute(argv);
}
