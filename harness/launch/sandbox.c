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
#include <unistd.h>

#define SYSCTL "/proc/sys/kernel/"

/* The namespace's settings, as text: read on the host, written inside. shmall before shmmax has no order to keep. */
static const char *const settings[] = {"shmmni", "shmmax", "shmall", "shm_rmid_forced"};
enum { SETTINGS = sizeof settings / sizeof *settings, VALUE_MAX = 32 };

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

static int write_settings(char values[SETTINGS][VALUE_MAX])
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

/* Enters as DESIGN says; *RET_STEP names what was refused. */
static int enter(char values[SETTINGS][VALUE_MAX], const char **ret_step)
{
	uid_t user = geteuid();
	gid_t group = getegid();
	char users[48], groups[48];
	*ret_step = "a private IPC namespace";
	if (unshare(CLONE_NEWIPC) == 0) {
		*ret_step = "setting the namespace's limits";
		return write_settings(values);
	}
	*ret_step = "a user namespace";
	if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWIPC))
		return -errno;
	snprintf(users, sizeof users, "0 %u 1", user);
	snprintf(groups, sizeof groups, "0 %u 1", group);
	*ret_step = "mapping the user's id";
	int code = map_ids(users, groups);
	*ret_step = "setting the namespace's limits";
	code = code ? code : write_settings(values);
	if (code)
		return code;
	*ret_step = "the inner user namespace";
	if (unshare(CLONE_NEWUSER))
		return -errno;
	snprintf(users, sizeof users, "%u 0 1", user);
	snprintf(groups, sizeof groups, "%u 0 1", group);
	return map_ids(users, groups);
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

int sandbox_enter(const struct launch_options *options, struct evidence *evidence, char why[512])
{
	const int64_t wanted[] = {options->limits.shmmni, options->limits.shmmax, options->limits.shmall};
	bool has_limits = wanted[0] >= 0 || wanted[1] >= 0 || wanted[2] >= 0;
	char values[SETTINGS][VALUE_MAX];
	const char *step = "--isolate=none";
	int code = -EPERM;
	if (options->isolate != ISOLATE_NONE) {
		for (unsigned i = 0; i < SETTINGS; i++) {
			read_setting(settings[i], values[i]);
			if (i < 3 && wanted[i] >= 0)
				snprintf(values[i], VALUE_MAX, "%" PRId64, wanted[i]);
		}
		kernel_table_read(&evidence->host);
		code = enter(values, &step);
	}
	evidence->isolation = code ? ISOLATION_NONE : ISOLATION_PRIVATE;
	if (!code)
		return 0;
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
