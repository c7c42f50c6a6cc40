// SPDX-License-Identifier: MIT
// launch: the living descendants of this process.
#include "tree.h"

#include "harness/clock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILL_ROUNDS = 10000 };

struct member {
	pid_t pid, parent;
	bool is_dead, is_ours;
	char comm[17];
};

/* /proc/PID/stat: pid (comm) state ppid …; comm may hold anything, a ')' too. */
static int read_member(const char *pid, struct member *ret_member)
{
	char path[64], text[512];
	snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
	FILE *stream = fopen(path, "re");
	if (!stream)
		return -errno;
	size_t length = fread(text, 1, sizeof text - 1, stream);
	fclose(stream);
	text[length] = '\0';
	char *open = strchr(text, '('), *close = strrchr(text, ')');
	char state;
	struct member member = {.pid = (pid_t)atol(pid)};
	if (!open || !close || sscanf(close + 1, " %c %d", &state, &member.parent) != 2)
		return -EBADMSG;
	*close = '\0';
	snprintf(member.comm, sizeof member.comm, "%.16s", open + 1);
	member.is_dead = state == 'Z' || state == 'X';
	*ret_member = member;
	return 0;
}

static int read_all(struct member **ret_members, size_t *ret_count)
{
	struct member *members = NULL;
	size_t count = 0, room = 0;
	DIR *folder = opendir("/proc");
	if (!folder)
		return -errno;
	for (struct dirent *entry; (entry = readdir(folder));) {
		struct member member;
		if (!isdigit((unsigned char)entry->d_name[0]) || read_member(entry->d_name, &member))
			continue;
		if (count == room) {
			room = room ? 2 * room : 256;
			struct member *more = realloc(members, room * sizeof *more);
			if (!more)
				break;
			members = more;
		}
		members[count++] = member;
	}
	closedir(folder);
	*ret_members = members;
	*ret_count = count;
	return 0;
}

/* Marks whoever descends from us; a round for each generation. */
static void mark(struct member *members, size_t count)
{
	bool has_more = true;
	pid_t us = getpid();
	while (has_more) {
		has_more = false;
		for (size_t i = 0; i < count; i++) {
			bool is_ours = members[i].parent == us;
			for (size_t k = 0; !members[i].is_ours && !is_ours && k < count; k++)
				is_ours = members[k].is_ours && members[k].pid == members[i].parent;
			if (is_ours && !members[i].is_ours)
				members[i].is_ours = has_more = true;
		}
	}
}

int tree_find(struct survivor **ret_list, size_t *ret_count)
{
	struct member *members = NULL;
	size_t count = 0, found = 0;
	int code = read_all(&members, &count);
	struct survivor *list = code ? NULL : calloc(count + 1, sizeof *list);
	if (!list) {
		free(members);
		return code ? code : -ENOMEM;
	}
	mark(members, count);
	for (size_t i = 0; i < count; i++) {
		if (!members[i].is_ours || members[i].is_dead)
			continue;
		list[found].pid = members[i].pid;
		memcpy(list[found++].comm, members[i].comm, sizeof members[i].comm);
	}
	free(members);
	*ret_list = list;
	*ret_count = found;
	return 0;
}

static int read_pid(pid_t pid, struct member *ret_member)
{
	char text[16];
	snprintf(text, sizeof text, "%d", pid);
	return read_member(text, ret_member);
}

bool tree_has(pid_t pid)
{
	struct member member = {.parent = pid};
	while (member.parent > 1 && member.parent != getpid())
		if (read_pid(member.parent, &member))
			return false;
	return pid != getpid() && member.parent == getpid();
}

bool tree_is_zombie(pid_t pid)
{
	struct member member = {0};
	return read_pid(pid, &member) == 0 && member.is_dead;
}

/* SIGKILL to each; returns how many took it. */
static size_t kill_each(const struct survivor *list, size_t count)
{
	size_t killed = 0;
	for (size_t i = 0; i < count; i++)
		killed += kill(list[i].pid, SIGKILL) == 0 || errno == ESRCH;
	return killed;
}

bool tree_kill(void)
{
	/* Who is stuck in the kernel dies when it comes back: that can take for ever. */
	for (unsigned rounds = 0; rounds < KILL_ROUNDS; rounds++) {
		struct survivor *list;
		size_t count;
		if (tree_find(&list, &count))
			return false;
		size_t killed = kill_each(list, count);
		free(list);
		if (count == 0)
			return true;
		if (killed == 0)
			return false;
		usleep(1000); /* the dying need a moment; a fork under way shows up in the next round */
	}
	return false;
}

static bool is_listed(const pid_t *list, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == pid)
			return true;
	return false;
}

/* Reaps those that ended, and KILLS the others. Returns how many there were; *RET_KILLED: that took it. */
static size_t end_each(const struct member *members, size_t count, const pid_t *kept, size_t kept_count,
		       bool kills, size_t *ret_killed)
{
	size_t found = 0, killed = 0;
	for (size_t i = 0; i < count; i++) {
		pid_t pid = members[i].pid;
		if (members[i].parent != getpid() || is_listed(kept, kept_count, pid))
			continue;
		found++;
		killed += kill(pid, kills ? SIGKILL : 0) == 0;
		waitpid(pid, NULL, WNOHANG);
	}
	*ret_killed = killed;
	return found;
}

bool tree_end_children(const pid_t *kept, size_t count, unsigned patience_ms)
{
	uint64_t until = clock_in_ms(patience_ms);
	for (unsigned rounds = 0; rounds < KILL_ROUNDS; rounds++) {
		struct member *members = NULL;
		size_t known = 0, killed;
		if (read_all(&members, &known))
			return false;
		size_t found = end_each(members, known, kept, count, clock_now_ns() >= until, &killed);
		free(members);
		if (found == 0 || killed == 0)
			return found == 0;
		usleep(1000); /* the dying need a moment */
	}
	return false;
}

/* The innermost of "NSpid:\t1234\t5", when there is more than one. */
static pid_t read_inner(const char *pid)
{
	char path[64], line[256];
	pid_t inner = 0;
	snprintf(path, sizeof path, "/proc/%.20s/status", pid);
	FILE *stream = fopen(path, "re");
	while (stream && fgets(line, sizeof line, stream)) {
		char *tab = strncmp(line, "NSpid:", 6) == 0 ? strrchr(line, '\t') : NULL;
		if (tab && tab != line + 6)
			inner = (pid_t)atol(tab + 1);
	}
	if (stream)
		fclose(stream);
	return inner;
}

static int add_inner(struct inner_pids *inner, pid_t pid)
{
	if (inner->count == inner->room) {
		size_t room = inner->room ? 2 * inner->room : 64;
		pid_t *more = realloc(inner->list, room * sizeof *more);
		if (!more)
			return -ENOMEM;
		inner->list = more;
		inner->room = room;
	}
	inner->list[inner->count++] = pid;
	return 0;
}

static int read_all_inner(struct inner_pids *inner)
{
	DIR *folder = opendir("/proc");
	int code = 0;
	if (!folder)
		return -errno;
	for (struct dirent *entry; !code && (entry = readdir(folder));) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? read_inner(entry->d_name) : 0;
		code = pid ? add_inner(inner, pid) : 0;
	}
	closedir(folder);
	inner->is_known = code == 0;
	return code;
}

bool tree_is_inner_free(struct inner_pids *inner, pid_t pid)
{
	if (!inner->is_known && read_all_inner(inner))
		return false;
	for (size_t i = 0; i < inner->count; i++)
		if (inner->list[i] == pid)
			return false;
	return true;
}

void tree_forget_inner(struct inner_pids *inner)
{
	free(inner->list);
	*inner = (struct inner_pids){0};
}
