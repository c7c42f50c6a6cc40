// SPDX-License-Identifier: MIT
// scenario: the folder that a run works in.
#include "work_folder.h"

#include <errno.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int work_folder_make(const char *path, bool all)
{
	if (mkdir(path, 0700))
		return -errno;
	return all && chmod(path, 01777) ? -errno : 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	remove(path); /* what stays is seen when its folder cannot be removed; the next run then says so */
	return 0;
}

void work_folder_remove(const char *path)
{
	enum { DESCRIPTORS = 16 };
	if (rmdir(path)) /* mostly it is empty */
		nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void work_folder_remove_parent(const char *path)
{
	char *parent = strdup(path);
	if (parent)
		rmdir(dirname(parent));
	free(parent);
}
