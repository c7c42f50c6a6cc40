// SPDX-License-Identifier: MIT
// launch: the programs of one run: each started in its own way, and what became of them.
#include "cast.h"

#include "preload.h"
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

int cast_new(const struct launch_options *options, struct cast *ret_cast)
{
	struct cast *cast = ret_cast;
	*cast = (struct cast){.options = options,
			      .alone = {.argv = options->argv,
					.role = options->role,
					.stdio = options->stdio,
					.folder = options->folder},
			      .count = options->programs ? options->program_count : 1};
	cast->members = calloc(cast->count, sizeof *cast->members);
	if (!cast->members)
		return -ENOMEM;
	for (size_t i = 0; i < cast->count; i++) {
		struct member *member = &cast->members[i];
		member->program = options->programs ? &options->programs[i] : &cast->alone;
		target_inspect(member->program->argv[0],
			       &member->target); /* what it cannot find, exec will tell */
	}
	return 0;
}

int cast_start(struct cast *cast, size_t index)
{
	struct member *member = &cast->members[index];
	const struct launch_program *program = member->program;
	char **environment =
	    preload_environment(cast->library, cast->session, program->role, program->environment);
	if (!environment)
		return -ENOMEM;
	int exec_errno;
	pid_t pid =
	    supervise_spawn(program, cast->options, environment, cast->inherited, cast->crash, &exec_errno);
	free(environment);
	member->state = pid > 0 ? MEMBER_RUNNING : MEMBER_ENDED;
	if (pid > 0)
		member->pid = pid;
	if (exec_errno && !cast->exec_errno) {
		cast->exec_errno = exec_errno;
		cast->failed = index;
	}
	return pid < 0 ? pid : 0;
}

int cast_begin(struct cast *cast)
{
	int code = 0;
	for (size_t i = 0; !code && !cast->exec_errno && i < cast->count; i++)
		if (!cast->members[i].program->waits)
			code = cast_start(cast, i);
	return code;
}

bool cast_ended(struct cast *cast, pid_t pid, int status)
{
	for (size_t i = 0; i < cast->count; i++) {
		struct member *member = &cast->members[i];
		if (member->pid != pid || member->state != MEMBER_RUNNING)
			continue;
		member->state = MEMBER_ENDED;
		member->status = status;
		return true;
	}
	return false;
}

void cast_entered(struct cast *cast, pid_t pid)
{
	for (size_t i = 0; i < cast->count; i++)
		if (cast->members[i].pid == pid)
			cast->members[i].has_entered = true;
}

bool cast_is_over(const struct cast *cast)
{
	for (size_t i = 0; i < cast->count; i++)
		if (cast->members[i].state != MEMBER_ENDED)
			return false;
	return true;
}

void cast_signal(const struct cast *cast, int signal)
{
	for (size_t i = 0; i < cast->count; i++)
		if (cast->members[i].state == MEMBER_RUNNING)
			kill(cast->members[i].pid, signal);
}

void cast_free(struct cast *cast)
{
	free(cast->members);
	cast->members = NULL;
	cast->count = 0;
}
