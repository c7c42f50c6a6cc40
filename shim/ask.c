// SPDX-License-Identifier: MIT
// shim: the shmcheck command, run to answer a question about stacks.
#include "shim/ask.h"

#include "protocol/plan_text.h"
#include "shim/environment.h"
#include "shim/module.h"
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENV_COMMAND "SHMCHECK_COMMAND" /* path of the command, where it is not beside the library */

enum { PATH_MOST = 4096, VARIABLES = 512 };

static long call(long number, long a, long b, long c)
{
	return raw_syscall(number, a, b, c, 0, 0, 0);
}

/* Our own folder, as the dynamic linker knows it, with a slash; 0 without one. */
static size_t own_folder(char path[PATH_MOST])
{
	struct module module;
	const char *name, *slash;

	if (!module_find((uintptr_t)own_folder, &module))
		return 0;
	name = module.map->l_name;
	slash = strrchr(name, '/');
	if (!slash || slash - name >= PATH_MOST / 2)
		return 0;
	memcpy(path, name, (size_t)(slash + 1 - name));
	return (size_t)(slash + 1 - name);
}

static bool is_executable(const char *path)
{
	return call(SYS_faccessat, AT_FDCWD, (long)path, X_OK) == 0;
}

static bool find_command(char path[PATH_MOST])
{
	static const char *const places[] = {"shmcheck", "../bin/shmcheck", "../../bin/shmcheck"};
	const char *given = environment_get(environ, ENV_COMMAND);
	size_t folder;

	if (given) {
		size_t length = strnlen(given, PATH_MOST - 1);
		memcpy(path, given, length);
		path[length] = '\0';
		return is_executable(path);
	}
	folder = own_folder(path);
	for (unsigned i = 0; folder && i < sizeof(places) / sizeof(*places); i++) {
		strcpy(path + folder, places[i]);
		if (is_executable(path))
			return true;
	}
	return false;
}

static bool put(long fd, const void *bytes, uint64_t length)
{
	while (length) {
		long written = call(SYS_write, fd, (long)bytes, (long)length);

		if (written <= 0 && written != -EINTR)
			return false;
		if (written > 0) {
			bytes = (const char *)bytes + written;
			length -= (uint64_t)written;
		}
	}
	return true;
}

/* The question in a file without a name. Returns its descriptor or -errno. */
static long write_question(enum question_kind kind, const struct shmcheck_leak *leaks, size_t count)
{
	const struct arena *arena = session_arena(shim_session);
	uint64_t used = __atomic_load_n(&arena->used, __ATOMIC_ACQUIRE);
	struct question question = {.kind = kind, .count = (uint32_t)count};
	long fd = call(SYS_memfd_create, (long)"shmcheck", MFD_CLOEXEC, 0);

	memcpy(question.magic, QUESTION_MAGIC, sizeof(question.magic));
	question.arena_size = used < arena->size ? used : arena->size;
	if (fd < 0)
		return fd;
	if (put(fd, &question, sizeof(question)) && put(fd, leaks, count * sizeof(*leaks)) &&
	    put(fd, arena, question.arena_size) && call(SYS_lseek, fd, 0, SEEK_SET) == 0)
		return fd;
	call(SYS_close, fd, 0, 0);
	return -EIO;
}

/* In the new process: only system calls from here on. */
static __attribute__((noreturn)) void become(const char *path, long question, long answer)
{
	const char *const argv[] = {"shmcheck", "explain", NULL};
	char *kept[VARIABLES];
	size_t count = 0;

	/* without a preload, ours or a tool's, and without the program's session */
	for (char **entry = environ; entry && *entry && count < VARIABLES - 1; entry++)
		if (strncmp(*entry, "LD_", 3) != 0 && strncmp(*entry, "SHMCHECK_", 9) != 0)
			kept[count++] = *entry;
	kept[count] = NULL;
	question = call(SYS_fcntl, question, F_DUPFD, 3); /* the program may have closed its own 0 and 1 */
	answer = call(SYS_fcntl, answer, F_DUPFD, 3);
	call(SYS_dup3, question, 0, 0);
	call(SYS_dup3, answer, 1, 0);
	call(SYS_close, question, 0, 0);
	call(SYS_close, answer, 0, 0);
	call(SYS_execve, (long)path, (long)argv, (long)kept);
	for (;;)
		call(SYS_exit_group, 127, 0, 0);
}

static long read_answer(long fd, char *text, size_t size)
{
	size_t length = 0;
	char spare[256] = "";

	for (;;) {
		bool is_full = length + 1 >= size;
		long got = call(SYS_read, fd, (long)(is_full ? spare : text + length),
				(long)(is_full ? sizeof(spare) : size - 1 - length));

		if (got == -EINTR)
			continue;
		if (got <= 0)
			break;
		length += is_full ? 0 : (size_t)got;
	}
	text[length] = '\0';
	return (long)length;
}

/* Another thread that waits for any child may have been quicker: then the answer speaks for itself. */
static bool has_succeeded(long child)
{
	int status = 0;
	long code;

	do
		code = raw_syscall(SYS_wait4, child, (long)&status, __WALL, 0, 0, 0);
	while (code == -EINTR);
	return code != child || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static long run(const char *path, long question, char *text, size_t size)
{
	int ends[2] = {-1, -1};
	long child, length = call(SYS_pipe2, (long)ends, O_CLOEXEC, 0);

	if (length < 0)
		return length;
	child = raw_syscall(SYS_clone, 0 /* as fork, but silent when it ends */, 0, 0, 0, 0, 0);
	if (child == 0)
		become(path, question, ends[1]);
	call(SYS_close, ends[1], 0, 0);
	length = child < 0 ? child : read_answer(ends[0], text, size);
	call(SYS_close, ends[0], 0, 0);
	if (child > 0 && !has_succeeded(child))
		length = -EIO;
	return length;
}

long ask(enum question_kind kind, const struct shmcheck_leak *leaks, size_t count, char *text, size_t size)
{
	char path[PATH_MOST];
	long question, length;

	if (!shim_session || !find_command(path))
		return -ENOENT;
	question = write_question(kind, leaks, count);
	if (question < 0)
		return question;
	length = run(path, question, text, size);
	call(SYS_close, question, 0, 0);
	return length;
}
