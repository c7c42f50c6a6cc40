// SPDX-License-Identifier: MIT
// account: compares what IPC_STAT says with what is true, at each step in a segment's life.
#include "private.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not in <sys/shm.h> without the kernel's headers: IPC_RMID was called, somebody still has it attached. */
enum { MODE_DEST = 01000 };

static int id = -1;
static bool is_wrong;

static struct shmid_ds stat_segment(void)
{
	struct shmid_ds status;

	if (shmctl(id, IPC_STAT, &status) == -1)
		err(1, "IPC_STAT");
	return status;
}

static void expect(bool holds, const char *step, const char *what)
{
	if (holds)
		return;
	warnx("%s: %s is wrong", step, what);
	is_wrong = true;
}

/* LAST_PID: who attached or detached last; 0 when nobody did. */
static void expect_status(const char *step, unsigned long attachments, pid_t last_pid)
{
	struct shmid_ds status = stat_segment();

	expect(status.shm_nattch == attachments, step, "nattch");
	expect(status.shm_lpid == last_pid, step, "lpid");
	expect(status.shm_cpid == getpid(), step, "cpid");
	expect(status.shm_segsz == BOARD_BYTES, step, "segsz");
	expect((status.shm_atime != 0) == (last_pid != 0), step, "atime");
	printf("account: %s: %lu attached\n", step, (unsigned long)status.shm_nattch);
}

static void *attach(void)
{
	void *address = shmat(id, NULL, 0);

	if (address == (void *)-1)
		err(1, "shmat");
	return address;
}

/* The child ends when its parent has looked. */
static void fork_and_look(void)
{
	int parent_is_ready[2], status;
	char byte;
	pid_t child;

	if (pipe(parent_is_ready) == -1)
		err(1, "pipe");
	fflush(stdout);
	child = fork();
	if (child == -1)
		err(1, "fork");
	if (child == 0) {
		close(parent_is_ready[1]);
		_exit(read(parent_is_ready[0], &byte, 1) == 0 ? 0 : 1);
	}
	expect_status("forked", 2, getpid());
	close(parent_is_ready[0]);
	close(parent_is_ready[1]);
	if (waitpid(child, &status, 0) == -1)
		err(1, "waitpid");
	expect(status == 0, "forked", "the child's status");
	expect_status("child ended", 1, child);
}

static void set_mode(void)
{
	struct shmid_ds status = stat_segment();

	status.shm_perm.mode = 0640;
	if (shmctl(id, IPC_SET, &status) == -1)
		err(1, "IPC_SET");
	status = stat_segment();
	expect((status.shm_perm.mode & 0777) == 0640, "set", "mode");
	expect(status.shm_ctime >= status.shm_atime, "set", "ctime");
}

static void remove_attached(void)
{
	struct shmid_ds status;

	private_remove();
	status = stat_segment();
	expect(status.shm_perm.mode & MODE_DEST, "removed", "mode");
	expect(status.shm_nattch == 1, "removed", "nattch");
}

int main(void)
{
	void *first, *second;
	pid_t self = getpid();

	id = private_segment();
	expect_status("created", 0, 0);
	first = attach();
	expect_status("attached", 1, self);
	second = attach();
	expect_status("attached twice", 2, self);
	if (shmdt(second) == -1)
		err(1, "shmdt");
	expect_status("detached", 1, self);
	expect(stat_segment().shm_dtime != 0, "detached", "dtime");
	fork_and_look();
	set_mode();
	remove_attached();
	if (shmdt(first) == -1)
		err(1, "shmdt");
	expect(shmctl(id, IPC_STAT, &(struct shmid_ds){0}) == -1 && (errno == EINVAL || errno == EIDRM),
	       "gone", "what IPC_STAT returns");
	return is_wrong ? 1 : 0;
}
