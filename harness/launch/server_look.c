// SPDX-License-Identifier: MIT
// launch: what forbids a fork server, seen from outside.
#include "server_look.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *open_of(pid_t pid, const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/* Threads, and signals that wait to be taken. */
static enum server_refusal look_at_status(pid_t pid)
{
	char line[256];
	enum server_refusal refusal = REFUSAL_KERNEL;
	FILE *stream = open_of(pid, "status");
	while (stream && (refusal == REFUSAL_KERNEL || refusal == REFUSAL_NONE) &&
	       fgets(line, sizeof line, stream)) {
		if (strncmp(line, "Threads:", 8) == 0)
			refusal = atol(line + 8) == 1 ? REFUSAL_NONE : REFUSAL_THREADS;
		else if (strncmp(line, "SigPnd:", 7) == 0 || strncmp(line, "ShdPnd:", 7) == 0)
			refusal = strtoull(line + 7, NULL, 16) ? REFUSAL_ATTRIBUTES : refusal;
	}
	if (stream)
		fclose(stream);
	return refusal;
}

/* The children of PID's first thread. Returns how many there are, and the last one; -1: that cannot be known. */
static int count_children(pid_t pid, pid_t *ret_last)
{
	char name[64];
	int count = 0, child;
	snprintf(name, sizeof name, "task/%d/children", pid);
	FILE *stream = open_of(pid, name);
	if (!stream)
		return -1;
	while (fscanf(stream, "%d", &child) == 1) {
		*ret_last = child;
		count++;
	}
	fclose(stream);
	return count;
}

/* Whatever it has open, it has from us, under the same number. */
static enum server_refusal look_at_descriptors(pid_t pid)
{
	char path[64];
	enum server_refusal refusal = REFUSAL_NONE;
	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	DIR *folder = opendir(path);
	if (!folder)
		return REFUSAL_KERNEL;
	for (struct dirent *entry; !refusal && (entry = readdir(folder));) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		long fd = atol(entry->d_name);
		long order = syscall(SYS_kcmp, pid, getpid(), KCMP_FILE, fd, fd);
		if (order != 0)
			refusal = order > 0 || errno == EBADF ? REFUSAL_DESCRIPTOR : REFUSAL_KERNEL;
	}
	closedir(folder);
	return refusal;
}

/* Each run finds its streams at their beginning; and what is written anywhere would be written once. */
static enum server_refusal look_at_streams(pid_t pid)
{
	char line[64];
	unsigned long long writes = 1;
	bool is_known = false;
	for (int fd = 0; fd < 3; fd++)
		if (lseek(fd, 0, SEEK_CUR) > 0)
			return REFUSAL_STREAMS;
	FILE *stream = open_of(pid, "io");
	while (stream && !is_known && fgets(line, sizeof line, stream))
		is_known = sscanf(line, "syscw: %llu", &writes) == 1;
	if (stream)
		fclose(stream);
	return !is_known ? REFUSAL_KERNEL : writes ? REFUSAL_STREAMS : REFUSAL_NONE;
}

/* A mapping's first line: "555e-5560 rw-s 00000000 00:01 7 /path". */
static bool is_shared_memory(const char *line, const char *session_path)
{
	char rights[5];
	return sscanf(line, "%*x-%*x %4s", rights) == 1 && rights[1] == 'w' && rights[3] == 's' &&
	       !strstr(line, session_path);
}

static bool has_flag(const char *flags, const char *flag)
{
	const char *at = strstr(flags, flag);
	return at && at[-1] == ' ' && (at[2] == ' ' || at[2] == '\n');
}

/* Locked ("lo") or not for a child ("dc"): a fork's memory would be another. One page is cleared in a child ("wf") by
 * ourselves. */
static enum server_refusal look_at_memory(pid_t pid, const char *session_path)
{
	char *line = NULL;
	size_t room = 0;
	unsigned cleared = 0, known = 0;
	bool is_other = false;
	FILE *stream = open_of(pid, "smaps");
	while (stream && !is_other && getline(&line, &room, stream) > 0) {
		bool is_flags = strncmp(line, "VmFlags:", 8) == 0;
		known += is_flags;
		cleared += is_flags && has_flag(line, "wf");
		is_other = cleared > 1 || is_shared_memory(line, session_path) ||
			   (is_flags && (has_flag(line, "lo") || has_flag(line, "dc")));
	}
	if (stream)
		fclose(stream);
	free(line);
	return is_other ? REFUSAL_MEMORY : known ? REFUSAL_NONE : REFUSAL_KERNEL;
}

enum server_refusal server_look(pid_t pid, const char *session_path)
{
	pid_t child;
	int children = count_children(pid, &child), ours = count_children(getpid(), &child);
	enum server_refusal refusal = look_at_status(pid);
	if (!refusal && children)
		refusal = children > 0 ? REFUSAL_CHILDREN : REFUSAL_KERNEL;
	if (!refusal && ours != 1)
		refusal = REFUSAL_CHILDREN; /* one that has lost its parent */
	refusal = refusal ? refusal : look_at_descriptors(pid);
	refusal = refusal ? refusal : look_at_streams(pid);
	return refusal ? refusal : look_at_memory(pid, session_path);
}

/* The first line is a heading. */
static bool has_objects(const char *table)
{
	char line[512];
	unsigned lines = 0;
	FILE *stream = fopen(table, "re");
	while (stream && lines < 2 && fgets(line, sizeof line, stream))
		lines++;
	if (stream)
		fclose(stream);
	return lines != 1;
}

enum server_refusal server_look_inside(pid_t pid, uint64_t ipc_namespace)
{
	char path[64];
	struct stat status;
	snprintf(path, sizeof path, "/proc/%d/ns/ipc", pid);
	if (stat(path, &status))
		return REFUSAL_KERNEL;
	if (status.st_ino != ipc_namespace)
		return REFUSAL_NAMESPACE;
	bool is_used = has_objects("/proc/sysvipc/shm") || has_objects("/proc/sysvipc/sem") ||
		       has_objects("/proc/sysvipc/msg");
	return is_used ? REFUSAL_OBJECTS : REFUSAL_NONE;
}
