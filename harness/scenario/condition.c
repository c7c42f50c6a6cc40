// SPDX-License-Identifier: MIT
// scenario: what a scenario needs to be run at all.
#include "condition.h"

#include "harness/launch/target.h"
#include "locate.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_root(const char *value, const char *folder, const char *const *programs)
{
	(void)value;
	(void)folder;
	(void)programs;
	return geteuid() == 0;
}

/* Tried in a child: a namespace cannot be left again. */
static bool has_namespace(const char *value, const char *folder, const char *const *programs)
{
	(void)value;
	(void)folder;
	(void)programs;
	int status = 1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWIPC) && unshare(CLONE_NEWUSER | CLONE_NEWIPC));
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		continue;
	return pid > 0 && status == 0;
}

static bool has_command(const char *value, const char *folder, const char *const *programs)
{
	char path[PATH_MAX];
	struct target target;
	return locate_program(value, folder, programs, path) == 0 && target_inspect(path, &target) == 0;
}

static bool has_environment(const char *value, const char *folder, const char *const *programs)
{
	(void)folder;
	(void)programs;
	const char *found = getenv(value);
	return found && *found;
}

static bool has_file(const char *value, const char *folder, const char *const *programs)
{
	char path[PATH_MAX];
	(void)programs;
	return locate_file(value, folder, path) == 0 && access(path, F_OK) == 0;
}

static bool is_architecture(const char *value, const char *folder, const char *const *programs)
{
	struct utsname names;
	(void)folder;
	(void)programs;
	return uname(&names) == 0 && strcmp(names.machine, value) == 0;
}

static const struct {
	const char *word; /* a colon at the end: a value follows */
	bool (*holds)(const char *value, const char *folder, const char *const *programs);
} conditions[] = {{"root", is_root},         {"namespace", has_namespace},
		  {"command:", has_command}, {"environment:", has_environment},
		  {"file:", has_file},       {"architecture:", is_architecture}};

static int find(const char *condition)
{
	for (unsigned i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		size_t length = strlen(conditions[i].word);
		bool has_value = conditions[i].word[length - 1] == ':';
		if (strncmp(condition, conditions[i].word, length) == 0 && !condition[length] != has_value)
			return (int)i;
	}
	return -1;
}

bool condition_is_known(const char *condition)
{
	return find(condition) >= 0;
}

bool condition_holds(const char *condition, const char *folder, const char *const *programs)
{
	int index = find(condition);
	return index >= 0 &&
	       conditions[index].holds(condition + strlen(conditions[index].word), folder, programs);
}
