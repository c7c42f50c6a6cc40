// SPDX-License-Identifier: MIT
// scenario: where the files and programs are that a scenario names.
#include "locate.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int locate_file(const char *name, const char *folder, char ret_path[PATH_MAX])
{
	int length = *name == '/' ? snprintf(ret_path, PATH_MAX, "%s", name)
				  : snprintf(ret_path, PATH_MAX, "%s/%s", folder, name);
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* Absolute: the process starts in another folder. */
static bool is_there(const char *name, const char *folder, char path[PATH_MAX])
{
	char here[PATH_MAX], whole[PATH_MAX];
	if (*folder == '/')
		return locate_file(name, folder, path) == 0 && access(path, F_OK) == 0;
	return getcwd(here, sizeof here) && locate_file(folder, here, whole) == 0 &&
	       is_there(name, whole, path);
}

static bool is_beside_us(const char *name, char path[PATH_MAX])
{
	char command[PATH_MAX], folder[PATH_MAX + 16];
	ssize_t length = readlink("/proc/self/exe", command, sizeof command - 1);
	if (length <= 0)
		return false;
	command[length] = '\0';
	snprintf(folder, sizeof folder, "%s/scenarios", dirname(command));
	return is_there(name, folder, path);
}

int locate_program(const char *name, const char *folder, const char *const *programs, char ret_path[PATH_MAX])
{
	if (!strchr(name, '/'))
		return snprintf(ret_path, PATH_MAX, "%s", name) < PATH_MAX ? 0 : -ENAMETOOLONG;
	if (is_there(name, folder, ret_path))
		return 0;
	for (; programs && *programs; programs++)
		if (is_there(name, *programs, ret_path))
			return 0;
	if (is_beside_us(name, ret_path))
		return 0;
	int code = locate_file(name, folder, ret_path);
	return code ? code : -ENOENT;
}
