// SPDX-License-Identifier: MIT
// scenario: the scenario files behind the names on the command line.
#include "find_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MOST = 16 };

static int add(struct files *files, const char *path)
{
	char **more = realloc(files->list, (files->count + 1) * sizeof *more);
	if (!more)
		return -ENOMEM;
	files->list = more;
	more[files->count] = strdup(path);
	return more[files->count] ? (files->count++, 0) : -ENOMEM;
}

static bool is_scenario(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static int add_folder(struct files *files, const char *folder, unsigned depth);

static int add_entry(struct files *files, const char *folder, const char *name, unsigned depth)
{
	char *path;
	struct stat status;
	size_t length = strlen(folder);
	if (asprintf(&path, "%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/", name) < 0)
		return -ENOMEM;
	int code = stat(path, &status) ? -errno : 0;
	if (code == -ENOENT) /* a dangling link that is none of ours */
		code = is_scenario(name) ? code : 0;
	else if (!code && S_ISDIR(status.st_mode) && depth < DEPTH_MOST)
		code = add_folder(files, path, depth + 1);
	else if (!code && S_ISREG(status.st_mode) && is_scenario(name))
		code = add(files, path);
	free(path);
	return code;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int add_folder(struct files *files, const char *folder, unsigned depth)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, is_visible, alphasort), code = 0;
	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		if (!code)
			code = add_entry(files, folder, entries[i]->d_name, depth);
		free(entries[i]);
	}
	free(entries);
	return code;
}

int files_add(struct files *files, const char *name)
{
	struct stat status;
	size_t before = files->count;
	if (stat(name, &status))
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return add(files, name);
	int code = add_folder(files, name, 0);
	return code || files->count > before ? code : -ENOENT;
}

void files_free(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->list[i]);
	free(files->list);
	*files = (struct files){0};
}
