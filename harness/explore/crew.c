// SPDX-License-Identifier: MIT
// explore: several worker processes, each with a station of its own, that make runs for us.
#include "crew.h"

#include "harness/explore/worker.h"
#include "harness/launch/tree.h"
#include "harness/launch/turn.h"
#include "harness/processors.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT_MS = 500 }; /* a signal may have come just before the wait began */

/* With all workers. */
struct shared {
	uint32_t turns[CREW_MAX]; /* by job */
	struct worker_folders folders[CREW_MAX];
};

struct member {
	pid_t pid; /* 0: none */
	int socket;
	int results[SLOTS]; /* the trials of its runs, in turn */
	unsigned pending, next; /* runs under way or waiting; the slot of the next one */
	bool is_tracer; /* made for one run */
};

struct crew {
	const struct trial_request *request;
	struct member members[CREW_MAX];
	unsigned count, jobs;
	bool takes_turns; /* worker I with I + jobs */
	struct shared *shared;
};

static uint32_t *turn_of(const struct crew *crew, const struct member *member)
{
	unsigned job = (unsigned)(member - crew->members) % crew->jobs;
	return crew->takes_turns ? &crew->shared->turns[job] : NULL;
}

static struct worker_folders *folders_of(const struct crew *crew, const struct member *member)
{
	return &crew->shared->folders[member - crew->members];
}

static void remove_folders(struct worker_folders *folders)
{
	session_file_forget(folders->session);
	folder_remove(folders->copy);
	folders->session[0] = folders->copy[0] = '\0';
}

static int hire(struct crew *crew, struct member *member, bool is_tracer)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	fflush(NULL);
	remove_folders(folders_of(crew, member)); /* of one that died when it had nothing to do */
	pid_t us = getpid();
	member->pid = fork();
	if (member->pid == 0) {
		for (unsigned i = 0; i < crew->count; i++)
			if (crew->members[i].pid > 0)
				close(crew->members[i].socket);
		close(pair[0]);
		const struct workplace place = {us, pair[1], member->results, turn_of(crew, member),
						folders_of(crew, member)};
		if (is_tracer)
			worker_trace(crew->request, &place);
		worker_serve(crew->request, &place);
	}
	int code = member->pid < 0 ? -errno : 0;
	close(pair[1]);
	if (code) {
		close(pair[0]);
		member->pid = 0;
		return code;
	}
	member->socket = pair[0];
	member->is_tracer = is_tracer;
	return 0;
}

/* An idle worker ends when its socket is closed; one with a run under way is told to end it. */
static void release(const struct member *member)
{
	if (member->pid <= 0)
		return;
	close(member->socket);
	if (member->pending)
		kill(member->pid, SIGTERM);
}

/* Returns whether it was killed. */
static bool await_end(struct member *member)
{
	int status = 0;
	while (member->pid > 0 && waitpid(member->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	member->pid = 0;
	return WIFSIGNALED(status);
}

static void dismiss(struct member *member)
{
	release(member);
	await_end(member);
}

/* One that died leaves us its program, and whoever that has started: they are ended, then its turn is over. */
static void bury(const struct crew *crew, struct member *member)
{
	pid_t others[CREW_MAX];
	size_t count = 0;
	pid_t pid = member->pid;
	dismiss(member);
	for (unsigned i = 0; i < crew->count; i++)
		if (crew->members[i].pid > 0)
			others[count++] = crew->members[i].pid;
	tree_end_children(others, count, 0);
	turn_give(turn_of(crew, member), pid);
	remove_folders(folders_of(crew, member));
}

static int equip(struct member *member)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		member->results[i] = memfd_create("shmcheck-trial", MFD_CLOEXEC);
		if (member->results[i] < 0)
			return -errno;
	}
	return 0;
}

static int make_shared(struct crew *crew)
{
	void *memory =
	    mmap(NULL, sizeof *crew->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return -errno;
	crew->shared = memory;
	return 0;
}

int crew_open(const struct trial_request *request, unsigned jobs, bool taking_turns, struct crew **ret_crew)
{
	struct crew *crew = calloc(1, sizeof *crew);
	int code = -ENOMEM;
	if (crew) {
		crew->request = request;
		crew->jobs = jobs < CREW_MAX ? jobs : CREW_MAX;
		bool has_room = crew->jobs <= CREW_MAX / 2 && crew->jobs < processors_count();
		crew->takes_turns = taking_turns && has_room;
		crew->count = crew->takes_turns ? 2 * crew->jobs : crew->jobs;
		code = make_shared(crew);
	}
	for (unsigned i = 0; !code && i < crew->count; i++)
		code = equip(&crew->members[i]);
	for (unsigned i = 0; !code && i < crew->count; i++)
		code = hire(crew, &crew->members[i], request->launch->programs != NULL);
	if (code)
		crew_close(crew);
	else
		*ret_crew = crew;
	return code;
}

unsigned crew_count(const struct crew *crew)
{
	return crew->count;
}

unsigned crew_pending(const struct crew *crew, unsigned index)
{
	return crew->members[index].pending;
}

bool crew_has_room(const struct crew *crew, unsigned index, bool is_traced)
{
	const struct member *member = &crew->members[index];
	return member->pending == 0 ||
	       (member->pending < SLOTS && member->pid > 0 && !member->is_tracer && !is_traced);
}

/* False: it is dead. */
static bool give(const struct member *member, const struct assignment *assignment)
{
	return send(member->socket, assignment, sizeof *assignment, MSG_NOSIGNAL) == sizeof *assignment;
}

int crew_start(struct crew *crew, unsigned index, const struct assignment *assignment)
{
	struct member *member = &crew->members[index];
	struct assignment mine = *assignment;
	bool is_tracer = assignment->watches_crashes || crew->request->launch->programs;
	if (member->is_tracer || is_tracer)
		dismiss(member);
	int code = member->pid > 0 ? 0 : hire(crew, member, is_tracer);
	mine.slot = member->next;
	if (!code && !give(member, &mine) && !member->pending) { /* it died with nothing to do */
		bury(crew, member);
		code = hire(crew, member, is_tracer);
		if (!code)
			give(member, &mine); /* crew_collect tells if it did not arrive */
	}
	if (code)
		return code;
	member->next = (member->next + 1) % SLOTS;
	member->pending++;
	return 0;
}

int crew_wait(struct crew *crew, unsigned *ret_index)
{
	struct pollfd polled[CREW_MAX];
	unsigned places[CREW_MAX], count = 0;
	for (unsigned i = 0; i < crew->count; i++) {
		if (!crew->members[i].pending)
			continue;
		if (crew->members[i].pid <= 0) { /* it died with more to do */
			*ret_index = i;
			return 0;
		}
		polled[count] = (struct pollfd){.fd = crew->members[i].socket, .events = POLLIN};
		places[count++] = i;
	}
	if (!count)
		return -ECHILD;
	if (poll(polled, count, WAIT_MS) < 0)
		return -errno;
	for (unsigned i = 0; i < count; i++) {
		if (!polled[i].revents)
			continue;
		*ret_index = places[i];
		return 0;
	}
	return -EINTR;
}

static int receive(int socket, struct answer *answer, struct run_files *files)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof *files)];
	} control;
	struct iovec data = {answer, sizeof *answer};
	struct msghdr message = {
	    .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof *answer)
		return -ECHILD;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_len == CMSG_LEN(sizeof *files))
		memcpy(files, CMSG_DATA(header), sizeof *files);
	return answer->code;
}

int crew_collect(struct crew *crew, unsigned index, struct trial *ret_trial, struct run_files *ret_files)
{
	struct member *member = &crew->members[index];
	struct answer answer = {0};
	*ret_files = (struct run_files){{-1, -1}, -1};
	unsigned slot = (member->next + SLOTS - member->pending) % SLOTS;
	int code = member->pid > 0 ? receive(member->socket, &answer, ret_files) : -ECHILD;
	if (code == -ECHILD)
		bury(crew, member);
	member->pending--;
	return code ? code : trial_read(member->results[slot], ret_trial);
}

void run_files_close(struct run_files *files)
{
	int *const all[] = {&files->output[0], &files->output[1], &files->log};
	for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
		if (*all[i] >= 0)
			close(*all[i]);
		*all[i] = -1;
	}
}

void crew_close(struct crew *crew)
{
	for (unsigned i = 0; crew && i < crew->count; i++)
		release(&crew->members[i]);
	bool has_orphans = false;
	for (unsigned i = 0; crew && i < crew->count; i++) {
		has_orphans |= await_end(&crew->members[i]);
		for (unsigned k = 0; k < SLOTS; k++)
			if (crew->members[i].results[k] > 0)
				close(crew->members[i].results[k]);
	}
	if (has_orphans)
		tree_end_children(NULL, 0, 0);
	for (unsigned i = 0; has_orphans && i < crew->count; i++)
		remove_folders(&crew->shared->folders[i]);
	if (crew && crew->shared)
		munmap(crew->shared, sizeof *crew->shared);
	free(crew);
}
