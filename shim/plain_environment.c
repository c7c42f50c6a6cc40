// SPDX-License-Identifier: MIT
// shim: SHMCHECK_INJECT and SHMCHECK_LOG: what they ask for is done, or the program does not start.
#include "shim/plain.h"

#include "protocol/plan_text.h"
#include "shim/environment.h"
#include "shim/raw_syscall.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { STATUS_BROKEN = 125, STDERR = 2 };

/* One writev: the line is whole, whoever else writes there. */
static __attribute__((noreturn)) void refuse(const char *why)
{
	static const char head[] = "shmcheck: ", end[] = "\n";
	struct iovec line[] = {{(void *)(uintptr_t)head, sizeof(head) - 1},
			       {(void *)(uintptr_t)why, strlen(why)},
			       {(void *)(uintptr_t)end, 1}};

	raw_syscall(SYS_writev, STDERR, (long)line, 3, 0, 0, 0);
	for (;;)
		raw_syscall(SYS_exit_group, STATUS_BROKEN, 0, 0, 0, 0, 0);
}

/* LOG as an absolute path, for images that start in another folder; %p is the process's id. */
static bool expand(const char *log, char ret_path[PLAIN_PATH])
{
	struct out out = {.text = ret_path, .size = PLAIN_PATH};

	ret_path[0] = '\0';
	if (log[0] != '/') {
		if (raw_syscall(SYS_getcwd, (long)ret_path, PLAIN_PATH, 0, 0, 0, 0) < 0 || ret_path[0] != '/')
			return false;
		out.length = strlen(ret_path);
		out_char(&out, '/');
	}
	for (; *log; log++) {
		if (log[0] == '%' && log[1] == 'p') {
			out_number(&out, (uint64_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0), 10);
			log++;
		} else {
			out_char(&out, *log);
		}
	}
	return out.length < PLAIN_PATH;
}

static uint64_t read_seed(const char *text)
{
	uint64_t seed = 0;
	int base;

	if (!text)
		raw_syscall(SYS_getrandom, (long)&seed, sizeof(seed), 1 /* GRND_NONBLOCK */, 0, 0, 0);
	else if (word_number(word_of(text, strlen(text)), &seed, &base))
		refuse(ENV_SEED ": a number from 0 to 18446744073709551615 was expected");
	return text ? seed : seed >> 1;
}

static enum stacks_mode read_stacks(const char *text)
{
	static const char *const names[] = {"none", "create", "all"};

	for (unsigned i = 0; text && i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum stacks_mode)i;
	if (text)
		refuse(ENV_STACKS ": none, create or all was expected");
	return STACKS_ALL;
}

struct session *plain_from_environment(char *const *environment, char ret_path[PLAIN_PATH])
{
	const char *rules = environment_get(environment, ENV_INJECT);
	const char *log = environment_get(environment, ENV_LOG);
	struct plain_options options = {.rules = rules, .log = ret_path};
	struct session *session;
	char why[PLAIN_WHY];

	if ((!rules && !log) || getauxval(AT_SECURE))
		return NULL;
	if (log && !*log)
		refuse(ENV_LOG ": the name of the file is missing");
	if (!log)
		refuse(ENV_INJECT " and " ENV_LOG
				  " belong together: without a log nobody could tell whether a rule "
				  "had its effect");
	options.stacks = read_stacks(environment_get(environment, ENV_STACKS));
	options.seed = read_seed(environment_get(environment, ENV_SEED));
	if (!expand(log, ret_path))
		refuse(ENV_LOG ": the path is too long, or the current folder is gone");
	session = plain_make(&options, why);
	if (!session)
		refuse(why);
	return session;
}
