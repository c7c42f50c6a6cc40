// SPDX-License-Identifier: MIT
// launch: the private IPC namespace and its limits.
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCTL "/proc/sys/kernel/"

/* The namespace's settings, as text: read on the host, written inside. shmall before shmmax has no order to keep. */
static const char *const settings[] = {"shmmni", "shmmax", "shmall", "shm_rmid_forced"};
enum { SETTINGS = SANDBOX_SETTINGS, VALUE_MAX = SANDBOX_VALUE_MAX };
_Static_assert(sizeof settings / sizeof *settings == SETTINGS, "a value each");

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t length = (ssize_t)strlen(text);
	int code = write(fd, text, (size_t)length) == length ? 0 : -errno;
	close(fd);
	return code;
}

static void read_setting(const char *name, char value[VALUE_MAX])
{
	char path[64];
	snprintf(path, sizeof path, SYSCTL "%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, value, VALUE_MAX - 1);
	value[length > 0 ? length : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static int write_settings(const char values[SETTINGS][VALUE_MAX])
{
	for (unsigned i = 0; i < SETTINGS; i++) {
		char path[64], now[VALUE_MAX];
		snprintf(path, sizeof path, SYSCTL "%s", settings[i]);
		read_setting(settings[i], now);
		if (!values[i][0] || strcmp(now, values[i]) == 0)
			continue;
		int code = write_file(path, values[i]);
		if (code)
			return code;
	}
	return 0;
}

static int map_ids(const char *users, const char *groups)
{
	int code = write_file("/proc/self/setgroups", "deny");
	if (code && code != -EPERM) /* denied already by an outer namespace */
		return code;
	code = write_file("/proc/self/uid_map", users);
	return code ? code : write_file("/proc/self/gid_map", groups);
}

/* One id, INSIDE and OUTSIDE of the user namespace that the caller has just entered. */
static int map_one(unsigned user, unsigned outer_user, unsigned group, unsigned outer_group)
{
	char users[48], groups[48];
	snprintf(users, sizeof users, "%u %u 1", user, outer_user);
	snprintf(groups, sizeof groups, "%u %u 1", group, outer_group);
	return map_ids(users, groups);
}

/* As root directly. Otherwise an outer user namespace maps 0, makes the IPC namespace and sets its limits, and an inner one
 * maps the user's own ids. *RET_STEP names what was refused. */
static int enter(char values[SETTINGS][VALUE_MAX], const char **ret_step)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	*ret_step = "a private IPC namespace";
	if (unshare(CLONE_NEWIPC) == 0) {
		*ret_step = "setting the namespace's limits";
		return write_settings((const char(*)[VALUE_MAX])values);
	}
	*ret_step = "a user namespace";
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWIPC))
		return -errno;
	*ret_step = "mapping the user's id";
	int code = map_one(0, user, 0, group);
	*ret_step = "setting the namespace's limits";
	code = code ? code : write_settings((const char(*)[VALUE_MAX])values);
	if (code)
		return code;
	*ret_step = "the inner user namespace";
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return map_one(user, 0, group, 0);
}

/* Which setting of the host is known to forbid user namespaces; "" when none is. */
static const char *forbidden_by(void)
{
	static const struct {
		const char *path, *forbids, *says;
	} known[] = {
	    {"/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0"},
	    {"/proc/sys/user/max_ipc_namespaces", "0", "user.max_ipc_namespaces is 0"},
	    {SYSCTL "unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0"},
	    {SYSCTL "apparmor_restrict_unprivileged_userns", "1",
	     "kernel.apparmor_restrict_unprivileged_userns is 1"},
	};
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
		char value[8] = "";
		int fd = open(known[i].path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		ssize_t length = read(fd, value, sizeof value - 1);
		close(fd);
		if (length > 0 && value[strcspn(value, "\n")] == '\n')
			value[strcspn(value, "\n")] = '\0';
		if (strcmp(value, known[i].forbids) == 0)
			return known[i].says;
	}
	return "a container or a security policy may forbid it";
}

static void want(const struct launch_options *options, char values[SETTINGS][VALUE_MAX])
{
	const int64_t wanted[] = {options->limits.shmmni, options->limits.shmmax, options->limits.shmall};
	for (unsigned i = 0; i < SETTINGS; i++) {
		read_setting(settings[i], values[i]);
		if (i < 3 && wanted[i] >= 0)
			snprintf(values[i], VALUE_MAX, "%" PRId64, wanted[i]);
	}
}

/* CODE is why there is no namespace; whether one may do without. */
static int do_without(const struct launch_options *options, const char *step, int code,
		      struct evidence *evidence, char why[512])
{
	const struct ipc_limits *limits = &options->limits;
	bool has_limits = limits->shmmni >= 0 || limits->shmmax >= 0 || limits->shmall >= 0;
	evidence->isolation = ISOLATION_NONE;
	kernel_table_free(&evidence->host);
	if (options->isolate == ISOLATE_NONE) {
		evidence->isolation_why = strdup("--isolate=none was asked for");
		if (!has_limits)
			return 0;
		snprintf(why, 512, "--limits needs a private IPC namespace: leave --isolate=none out");
		return -EPERM;
	}
	snprintf(why, 512, "%s is not permitted (%s): %s", step, strerror(-code), forbidden_by());
	if (options->isolate == ISOLATE_IPC || has_limits)
		return code;
	evidence->isolation_why = strdup(why);
	return 0;
}

int sandbox_enter(const struct launch_options *options, struct evidence *evidence, char why[512])
{
	char values[SETTINGS][VALUE_MAX];
	const char *step = "--isolate=none";
	int code = -EPERM;
	if (options->isolate != ISOLATE_NONE) {
		want(options, values);
		kernel_table_read(&evidence->host);
		code = enter(values, &step);
	}
	evidence->isolation = ISOLATION_PRIVATE;
	return code ? do_without(options, step, code, evidence, why) : 0;
}

int sandbox_child(const struct sandbox *sandbox)
{
	int code = sandbox->sets_limits ? write_settings(sandbox->values) : 0;
	if (code || !sandbox->is_rootless)
		return code;
	if (unshare(CLONE_NEWUSER))
		return -errno;
	return map_one(sandbox->user, 0, sandbox->group, 0);
}

static bool is_as_wanted(const struct sandbox *sandbox)
{
	for (unsigned i = 0; i < SETTINGS; i++) {
		char now[VALUE_MAX];
		read_setting(settings[i], now);
		if (sandbox->values[i][0] && strcmp(now, sandbox->values[i]) != 0)
			return false;
	}
	return true;
}

enum { PROBE_SETS = 255 }; /* no errno is as large */

/* Has a child try it all. Returns 0, PROBE_SETS where the limits have to be set, or -errno. */
static int probe(struct sandbox *sandbox)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		int code = unshare(CLONE_NEWIPC) ? -errno : 0;
		sandbox->sets_limits = !code && !is_as_wanted(sandbox);
		code = code ? code : sandbox_child(sandbox);
		_exit(code ? -code : sandbox->sets_limits ? PROBE_SETS : 0);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
	sandbox->sets_limits = code == PROBE_SETS;
	return code == PROBE_SETS ? 0 : -code;
}

static int open_rootless(struct sandbox *sandbox, const char **ret_step)
{
	*ret_step = "a user namespace";
	if (unshare(CLONE_NEWUSER))
		return -errno;
	*ret_step = "mapping the user's id";
	int code = map_one(0, sandbox->user, 0, sandbox->group);
	*ret_step = "a private IPC namespace in a user namespace";
	return code ? code : probe(sandbox);
}

int sandbox_open(const struct launch_options *options, struct sandbox *ret_sandbox, struct evidence *evidence,
		 char why[512])
{
	struct sandbox *sandbox = ret_sandbox;
	const char *step = "a private IPC namespace";
	int code = -EPERM;
	*sandbox = (struct sandbox){.user = geteuid(), .group = getegid()};
	if (options->isolate != ISOLATE_NONE) {
		want(options, sandbox->values);
		kernel_table_read(&evidence->host);
		code = probe(sandbox);
		sandbox->is_rootless = code == -EPERM;
		if (sandbox->is_rootless)
			code = open_rootless(sandbox, &step);
	}
	sandbox->is_private = !code;
	evidence->isolation = ISOLATION_PRIVATE;
	return code ? do_without(options, step, code, evidence, why) : 0;
}
