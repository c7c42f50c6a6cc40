// SPDX-License-Identifier: MIT
// front end: shmcheck list: the tables.
#include "command.h"
#include "error.h"
#include "list.h"

#include <errno.h>

int command_list(struct options *options)
{
	const char *what = options->launch.argv[0];
	int code = list_print(what, stdout);
	if (code == -EINVAL)
		error_print("there is no table '%s': expected %s", what, options->command->usage);
	return code == -EINVAL ? EXIT_USAGE : code ? EXIT_BROKEN : 0;
}
