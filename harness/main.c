// SPDX-License-Identifier: MIT
// front end: picks the command.
#include "clock.h"
#include "command.h"
#include "error.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_help(FILE *stream)
{
	fputs("shmcheck: memcheck for System V shared memory\n\n", stream);
	for (const struct command *command = commands; command->name; command++)
		fprintf(stream, "  shmcheck %s%s%s%s\n      %s\n", command->name,
			command->takes ? " [OPTION...]" : "", *command->usage ? " " : "", command->usage,
			command->summary);
	fputs("\n`shmcheck COMMAND --help` lists the options of COMMAND; shmcheck(1) explains them.\n"
	      "`shmcheck --version` prints the version.\n",
	      stream);
}

static int reject(const char *word)
{
	enum { MOST = 16 };
	const char *names[MOST];
	unsigned count = 0;
	for (const struct command *command = commands; command->name && count < MOST; command++)
		names[count++] = command->name;
	const char *near = error_nearest(word, names, count);
	if (*word == '-' || !*word)
		error_print("'%s': a command is expected first, such as run, and then its options; shmcheck "
			    "--help lists them",
			    word);
	else if (near)
		error_print("'%s' is not a command; did you mean '%s'?", word, near);
	else
		error_print("'%s' is not a command; to run a program under shmcheck: shmcheck run -- %s",
			    word, word);
	return EXIT_USAGE;
}

/* A descriptor 0, 1 or 2 that is closed would become that of a log or report, and messages land in it. The program
 * still finds it closed. */
static void fill_standard_descriptors(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO)
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
}

/* Who reads our tables and lists is not to take a part of them for all. */
static void finish_output(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return;
	error_print("standard output is incomplete: writing it failed");
	_exit(EXIT_BROKEN);
}

int main(int argc, char **argv)
{
	fill_standard_descriptors();
	if (atexit(finish_output))
		return EXIT_BROKEN;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("shmcheck " SHMCHECK_VERSION);
		return 0;
	}
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(command->name, argv[1]) != 0)
			continue;
		if (!clock_start()) {
			error_print(ENV_CLOCK "=%s: expected monotonic, or nothing", getenv(ENV_CLOCK));
			return command->usage_status;
		}
		struct options options;
		options_parse(command, argc - 1, argv + 1, &options);
		options.self = argv[0];
		return command->execute(&options);
	}
	return reject(argv[1]);
}
