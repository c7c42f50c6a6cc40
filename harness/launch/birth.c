// SPDX-License-Identifier: MIT
// launch: the process that becomes a run's program, from its clone to its exec.
#include "birth.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STACK_SIZE = 64 << 10 };

int birth_prepare(struct birth *birth)
{
	birth->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (birth->stack == MAP_FAILED)
		return -errno;
	birth->beginning =
	    mmap(NULL, sizeof *birth->beginning, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return birth->beginning == MAP_FAILED ? -errno : 0;
}

/* The kernel gives another id to what takes a removed segment's place. */
static void shift_ids(void)
{
	int id = shmget(IPC_PRIVATE, 1, 0600);
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
}

/* Returns 0 or -errno. */
static int settle(const struct birth *birth)
{
	struct stat namespace;
	int code = birth->sandbox->is_private ? sandbox_child(birth->sandbox) : 0;
	if (code)
		return code;
	/* the program knows its own from those that it enters later */
	if (stat("/proc/self/ns/ipc", &namespace) == 0)
		birth->session->ipc_namespace = namespace.st_ino;
	birth->beginning->table = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);
	if (birth->other_ids && birth->sandbox->is_private)
		shift_ids();
	setsid();
	return birth->folder && chdir(birth->folder) ? -errno : 0;
}

/* It shares our descriptors: the table that it opens stays open for us. Its own copies go with the exec. It never returns:
 * what a sanitizer had marked in its frame would stay marked for the next one, which begins in the same memory. */
static __attribute__((no_sanitize_address)) int begin(void *argument)
{
	const struct birth *birth = argument;
	int code = settle(birth);
	if (!code) {
		/* should the one die that opens the gate, nobody would */
		if (birth->session->gate != GATE_NONE && !supervise_goes_with(birth->parent, SIGKILL))
			_exit(127);
		supervise_hand_back(birth->inherited);
		birth->beginning->is_exec = true;
		execvpe(birth->argv[0], birth->argv, birth->environment);
		code = -errno;
	}
	birth->beginning->error = -code;
	_exit(127);
}

pid_t birth_start(struct birth *birth)
{
	int flags = CLONE_VFORK | CLONE_FILES | SIGCHLD;
	if (birth->sandbox->is_private)
		flags |= CLONE_NEWIPC;
	if (!birth->sandbox
		 ->is_rootless) /* a new user namespace is for those who have a memory of their own */
		flags |= CLONE_VM;
	*birth->beginning = (struct beginning){.table = -1};
	pid_t pid = clone(begin, birth->stack + STACK_SIZE, flags, birth);
	return pid < 0 ? -errno : pid;
}
