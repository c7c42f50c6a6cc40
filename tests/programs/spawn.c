// SPDX-License-Identifier: MIT
// spawn: starts a program that leaks one segment, in one of the ways there are, with an environment that is empty.
//
//     spawn leak            makes a segment of 8192 bytes and leaves it
//     spawn WAY [full]      by that way; with the environment as it is
//     spawn threads N       system and popen from N threads at a time
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *self;
static char **given;

static int leak(void)
{
	return shmget(IPC_PRIVATE, 8192, 0600) < 0;
}

static void run_execve(char **argv)
{
	execve(self, argv, given);
}

static void run_execv(char **argv)
{
	execv(self, argv);
}

static void run_execvp(char **argv)
{
	execvp(self, argv);
}

static void run_execvpe(char **argv)
{
	execvpe(self, argv, given);
}

static void run_execl(char **argv)
{
	execl(self, argv[0], argv[1], (char *)NULL);
}

static void run_execlp(char **argv)
{
	execlp(self, argv[0], argv[1], (char *)NULL);
}

static void run_execle(char **argv)
{
	execle(self, argv[0], argv[1], (char *)NULL, given);
}

static void run_fexecve(char **argv)
{
	fexecve(open(self, O_RDONLY | O_CLOEXEC), argv, given);
}

static void run_execveat(char **argv)
{
	execveat(AT_FDCWD, self, argv, given, 0);
}

static void run_spawn(char **argv)
{
	pid_t pid;
	if (posix_spawn(&pid, self, NULL, NULL, argv, given) == 0)
		waitpid(pid, NULL, 0);
	_exit(0);
}

static void run_spawnp(char **argv)
{
	pid_t pid;
	if (posix_spawnp(&pid, self, NULL, NULL, argv, given) == 0)
		waitpid(pid, NULL, 0);
	_exit(0);
}

static void run_system(char **argv)
{
	char command[4200];
	snprintf(command, sizeof command, "%s %s", argv[0], argv[1]);
	_exit(system(command));
}

static void run_popen(char **argv)
{
	char command[4200];
	snprintf(command, sizeof command, "%s %s", argv[0], argv[1]);
	_exit(pclose(popen(command, "r")));
}

static void run_vfork(char **argv)
{
	pid_t pid = vfork();
	if (pid == 0) {
		execve(self, argv, given);
		_exit(9);
	}
	waitpid(pid, NULL, 0);
	_exit(0);
}

static void run_raw_execve(char **argv)
{
	syscall(SYS_execve, self, argv, environ);
}

static const struct {
	const char *name;
	void (*run)(char **argv);
} ways[] = {{"execve", run_execve},     {"execv", run_execv},         {"execvp", run_execvp},
	    {"execvpe", run_execvpe},   {"execl", run_execl},         {"execlp", run_execlp},
	    {"execle", run_execle},     {"fexecve", run_fexecve},     {"execveat", run_execveat},
	    {"posix_spawn", run_spawn}, {"posix_spawnp", run_spawnp}, {"system", run_system},
	    {"popen", run_popen},       {"vfork", run_vfork},         {"raw_execve", run_raw_execve}};

static void *hammer(void *argument)
{
	for (int i = 0; i < 20; i++) {
		FILE *stream = popen("true", "r");
		if (!stream || pclose(stream) || system("true"))
			abort();
	}
	return argument;
}

static int by_threads(int count)
{
	pthread_t threads[64];
	for (int i = 0; i < count && i < 64; i++)
		pthread_create(&threads[i], NULL, hammer, NULL);
	for (int i = 0; i < count && i < 64; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

int main(int argc, char **argv)
{
	static char *nothing[] = {NULL};
	static char path[4096];
	if (argc < 2 || readlink("/proc/self/exe", path, sizeof path - 1) < 0)
		return 2;
	self = path;
	if (strcmp(argv[1], "leak") == 0)
		return leak();
	given = environ;
	if (argc == 2) {
		clearenv();
		given = nothing;
	}
	if (strcmp(argv[1], "threads") == 0)
		return by_threads(atoi(argv[2]));
	char *child[] = {path, "leak", NULL};
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			ways[i].run(child);
	return 3;
}
