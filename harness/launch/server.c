// SPDX-License-Identifier: MIT
// launch: a fork server: the program's image stopped before main, which makes the runs of a station by fork.
#include "server.h"

#include "harness/clock.h"
#include "harness/launch/server_look.h"
#include "harness/launch/supervise.h"
#include "harness/launch/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, SLICE_MS = 20 };

static bool is_dead(pid_t pid)
{
	siginfo_t info = {.si_pid = 0};
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid == pid;
}

static bool is_child(pid_t pid)
{
	siginfo_t info;
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Waits until WORD is no longer OLD. False: PID died, or it took too long. */
static bool await_change(const uint32_t *word, uint32_t old, pid_t pid)
{
	const struct timespec slice = clock_timespec(SLICE_MS * 1000000);
	uint64_t until = clock_in_ms(PATIENCE_MS);
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == old) {
		bool is_late =
		    syscall(SYS_futex, word, FUTEX_WAIT, old, &slice, NULL, 0) && errno == ETIMEDOUT;
		if (is_late && __atomic_load_n(word, __ATOMIC_ACQUIRE) == old &&
		    (is_dead(pid) || supervise_is_unwanted() || clock_now_ns() >= until))
			return false;
	}
	return true;
}

enum server_refusal server_forbidden(const struct sandbox *sandbox, const struct target *target)
{
#if !defined(__x86_64__)
	return REFUSAL_MACHINE;
#endif
	if (target->obstacle != TARGET_OK)
		return REFUSAL_OBSTACLE;
	if (!sandbox->is_private)
		return REFUSAL_NO_NAMESPACE;
	if (sandbox->is_rootless)
		return REFUSAL_ROOTLESS;
	return sandbox->sets_limits ? REFUSAL_LIMITS : REFUSAL_NONE;
}

/* What it became, or started, before it should have served. */
static void end_all(void)
{
	bool all_are_dead = tree_kill();
	while (waitpid(-1, NULL, all_are_dead ? 0 : WNOHANG) > 0 || errno == EINTR)
		errno = 0;
}

static enum server_refusal await_state(const struct session *session, pid_t pid)
{
	const struct server_words *words = &session->server;
	if (!await_change(&words->state, SERVER_WANTED, pid))
		return is_dead(pid) ? REFUSAL_ENDED : REFUSAL_SILENT;
	uint32_t refusal = words->refusal;
	if (words->state == SERVER_READY)
		return REFUSAL_NONE;
	return refusal && refusal < REFUSAL_COUNT ? refusal : REFUSAL_SILENT;
}

/* Into the server's namespace, and back. Returns 0 or -errno. */
static int go_in(const struct server *server)
{
	return setns(server->pidfd, CLONE_NEWIPC) ? -errno : 0;
}

static int go_home(const struct server *server)
{
	return setns(server->home, CLONE_NEWIPC) ? -errno : 0;
}

static enum server_refusal judge(const struct server *server, const struct session *session,
				 const char *session_path)
{
	enum server_refusal refusal = await_state(session, server->pid);
	refusal = refusal ? refusal : server_look(server->pid, session_path);
	if (refusal)
		return refusal;
	if (server->pidfd < 0 || server->home < 0 || server->children < 0 || go_in(server))
		return REFUSAL_KERNEL;
	refusal = server_look_inside(server->pid, session->ipc_namespace);
	return go_home(server) ? REFUSAL_KERNEL : refusal;
}

enum server_refusal server_await(struct session *session, const char *session_path, pid_t pid,
				 struct server *ret_server)
{
	char children[64];
	snprintf(children, sizeof children, "/proc/self/task/%d/children", getpid());
	struct server server = {pid, (int)syscall(SYS_pidfd_open, pid, 0),
				open("/proc/self/ns/ipc", O_RDONLY | O_CLOEXEC),
				open(children, O_RDONLY | O_CLOEXEC)};
	enum server_refusal refusal = judge(&server, session, session_path);
	if (!refusal) {
		*ret_server = server;
		return REFUSAL_NONE;
	}
	server_forget(&server);
	end_all();
	return refusal;
}

/* The server stays in the namespace of the run that it has begun last. */
static int open_table(const struct server *server)
{
	int code = go_in(server);
	if (code)
		return code;
	int table = open("/proc/sysvipc/shm", O_RDONLY | O_CLOEXEC);
	code = table < 0 ? -errno : 0;
	int back = go_home(server);
	code = code ? code : back;
	if (code && table >= 0)
		close(table);
	return code ? code : table;
}

pid_t server_ask(struct server *server, struct session *session, int *ret_table)
{
	struct server_words *words = &session->server;
	uint32_t before = words->answered;
	__atomic_add_fetch(&words->asked, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, &words->asked, FUTEX_WAKE, 1, NULL, NULL, 0);
	bool has_answered = await_change(&words->answered, before, server->pid);
	int32_t pid = has_answered ? words->pid : -ETIMEDOUT;
	if (pid > 0 && !is_child(pid)) /* the program can write there, too */
		pid = -EBADMSG;
	int table = pid > 0 ? open_table(server) : pid;
	if (table >= 0) {
		*ret_table = table;
		return pid;
	}
	server_forget(server);
	end_all();
	return table;
}

bool server_is_alone(const struct server *server)
{
	char text[64], *end;
	ssize_t length = pread(server->children, text, sizeof text - 1, 0);
	text[length > 0 ? length : 0] = '\0';
	return strtol(text, &end, 10) == server->pid && strspn(end, " \n") == strlen(end);
}

void server_forget(struct server *server)
{
	const int files[] = {server->pidfd, server->home, server->children};
	for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i] >= 0)
			close(files[i]);
	*server = SERVER_NONE_YET;
}

void server_end(struct server *server)
{
	if (server->pid > 0) {
		kill(server->pid, SIGKILL);
		while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	server_forget(server);
}

const char *server_sentence(enum server_refusal refusal)
{
	static const char *const sentences[REFUSAL_COUNT] = {
	    [REFUSAL_CALLS] = "before main it has made calls that shmcheck watches",
	    [REFUSAL_TIMER] = "before main it has set a timer",
	    [REFUSAL_ATTRIBUTES] = "before main it has got what a child does not inherit",
	    [REFUSAL_NO_NAMESPACE] = "it needs a private IPC namespace",
	    [REFUSAL_ROOTLESS] = "it needs root: other users cannot make a namespace for each run",
	    [REFUSAL_LIMITS] = "the limits of the namespace have to be set for each run",
	    [REFUSAL_OBSTACLE] = "the library cannot enter the program",
	    [REFUSAL_MACHINE] = "it is made for x86-64 alone",
	    [REFUSAL_ENDED] = "the program ended before main, or has no main that libc calls",
	    [REFUSAL_SILENT] = "the program did not come to main in 10 s, or has no main that libc calls",
	    [REFUSAL_THREADS] = "before main it has more than one thread",
	    [REFUSAL_CHILDREN] = "before main it has started a process",
	    [REFUSAL_DESCRIPTOR] = "before main it has opened a descriptor",
	    [REFUSAL_STREAMS] = "before main it has read its standard input, or written",
	    [REFUSAL_MEMORY] =
		"before main it has memory that is locked, shared and writable, or not for a child",
	    [REFUSAL_OBJECTS] = "before main it has made System V objects",
	    [REFUSAL_NAMESPACE] = "before main it has changed its IPC namespace",
	    [REFUSAL_KERNEL] = "the kernel does not show, or do, what it needs",
	    [REFUSAL_FORK] = "the program cannot fork into a namespace of its own",
	};
	return refusal > 0 && refusal < REFUSAL_COUNT ? sentences[refusal] : "";
}
