// SPDX-License-Identifier: MIT
// launch: the program's environment: our library in LD_PRELOAD, before the user's own.
#include "preload.h"

#include "protocol/session.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "libshmcheck.so"

#ifndef SHMCHECK_MULTIARCH
#define SHMCHECK_MULTIARCH ""
#endif

/* Where it lies, seen from the command's own folder. */
static const char *const places[] = {"", "../lib/" SHMCHECK_MULTIARCH "/", "../lib64/", "../lib/"};

int preload_find(char ret_path[4096], char why[512])
{
	char command[4096];
	ssize_t length = readlink("/proc/self/exe", command, sizeof command - 1);
	if (length <= 0) {
		snprintf(why, 512, "cannot tell where shmcheck itself lies: /proc is not readable");
		return -ENOENT;
	}
	command[length] = '\0';
	const char *folder = dirname(command);
	for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
		char path[4200];
		snprintf(path, sizeof path, "%s/%s" LIBRARY, folder, places[i]);
		if (strlen(path) >= 4096 || access(path, R_OK) || !realpath(path, ret_path))
			continue;
		if (!strpbrk(ret_path, ": "))
			return 0;
		snprintf(
		    why, 512,
		    "the library lies in '%.400s': LD_PRELOAD cannot name a path with a space or a colon",
		    ret_path);
		return -EINVAL;
	}
	snprintf(why, 512, "cannot find " LIBRARY " beside '%.400s': is shmcheck wholly installed?", folder);
	return -ENOENT;
}

static int is_ours(const char *entry)
{
	static const char *const names[] = {"LD_PRELOAD=", ENV_SESSION "=", ENV_SELF "=", ENV_INJECT "=",
					    ENV_LOG "="};
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

/* Whether one of CHANGES is about the variable of ENTRY. */
static int is_changed(const char *entry, char *const *changes)
{
	size_t length = strcspn(entry, "=");
	for (; changes && *changes; changes++)
		if (strcspn(*changes, "=") == length && strncmp(*changes, entry, length) == 0)
			return 1;
	return 0;
}

/* The user's own preload, where CHANGES may have it otherwise. */
static const char *user_preload(char *const *changes)
{
	const char *user = getenv("LD_PRELOAD");
	for (; changes && *changes; changes++)
		if (strncmp(*changes, "LD_PRELOAD", strcspn(*changes, "=")) == 0 &&
		    strcspn(*changes, "=") == 10)
			user = (*changes)[10] ? *changes + 11 : NULL;
	return user ? user : "";
}

/* How much of the user's list is sanitizers' runtimes that want to be first. */
static size_t sanitizers_length(const char *list)
{
	size_t length = 0;
	while (list[length]) {
		size_t word = strcspn(list + length, ": ");
		const char *slash = memrchr(list + length, '/', word);
		const char *base = slash ? slash + 1 : list + length;
		if (word && strncmp(base, "libasan.so", 10) != 0 && strncmp(base, "libclang_rt.", 12) != 0)
			break;
		length += word;
		length += strspn(list + length, ": ");
	}
	return length;
}

char **preload_environment(const char *library, const char *session, const char *role, char *const *changes)
{
	const char *user = user_preload(changes);
	size_t first = sanitizers_length(user);
	size_t count = 0, texts = strlen(library) + strlen(user) + strlen(session) + strlen(role) + 256;
	while (environ[count])
		count++;
	for (size_t i = 0; changes && changes[i]; i++)
		count++;
	size_t array = (count + 4) * sizeof(char *);
	char **made = malloc(array + texts);
	if (!made)
		return NULL;
	char *text = (char *)made + array;
	size_t kept = 0;
	for (size_t i = 0; environ[i]; i++)
		if (!is_ours(environ[i]) && !is_changed(environ[i], changes))
			made[kept++] = environ[i];
	for (size_t i = 0; changes && changes[i]; i++)
		if (!is_ours(changes[i]) && strchr(changes[i], '='))
			made[kept++] = changes[i];
	made[kept++] = text;
	text += sprintf(text, "LD_PRELOAD=%.*s%s%s%s%s", (int)first, user, first && !user[first] ? ":" : "",
			library, user[first] ? ":" : "", user + first) +
		1;
	made[kept++] = text;
	text += sprintf(text, ENV_SELF "=%0*d:0:0:0:%s", SELF_LENGTH - 7 - (int)strlen(role), 0, role) + 1;
	/* the last one: programs that set their title take the end of that for the end of their own memory */
	made[kept++] = text;
	sprintf(text, ENV_SESSION "=%s", session);
	made[kept] = NULL;
	return made;
}
