// SPDX-License-Identifier: MIT
// findings NAME guilty|innocent: for each finding a program that deserves it, and a correct one that looks like it.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BYTES = 16384, KEY = 0x5eed0001 };

static void must(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "findings: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static int make(key_t key)
{
	int id = shmget(key, BYTES, IPC_CREAT | IPC_EXCL | 0600);
	must(id != -1, "shmget");
	return id;
}

static char *attach(int id)
{
	char *memory = shmat(id, NULL, 0);
	must(memory != (void *)-1, "shmat");
	return memory;
}

static void drop(int id)
{
	must(shmctl(id, IPC_RMID, NULL) == 0, "IPC_RMID");
}

/* A child that does WHAT; it must exit 0. */
static void in_child(void (*what)(int, char *), int id, char *memory)
{
	int status;
	pid_t child = fork();
	must(child >= 0, "fork");
	if (child == 0) {
		what(id, memory);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0, "the child");
}

static void remove_it(int id, char *memory)
{
	(void)memory;
	drop(id);
}

static void leak(bool guilty)
{
	int id = make(IPC_PRIVATE);
	if (!guilty)
		drop(id);
}

/* The twin probes, creates, and asks what needs no id. */
static void failed_result(bool guilty)
{
	struct shmid_ds buffer;
	int id = shmget(KEY, BYTES, 0600);
	if (guilty) {
		shmat(id, NULL, 0);
		return;
	}
	shmctl(-1, IPC_INFO, &buffer);
	id = make(KEY);
	shmctl(-1, IPC_STAT, &buffer); /* a constant: nobody's result */
	shmdt(attach(id));
	drop(id);
}

/* The twin's shmat fails too, is tried again, and what it crashes of later is another pointer. */
static void failed_attach_crash(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id), *bad;
	drop(id);
	bad = shmat(id, memory + 1, 0);
	if (guilty)
		bad[9] = 1;
	must(bad == (void *)-1, "an odd address was taken");
	bad = attach(id);
	shmdt(bad);
	*(volatile char *)8 = 1;
}

static void key_as_id(bool guilty)
{
	struct shmid_ds buffer;
	int id = make(KEY);
	shmctl(guilty ? KEY : id, IPC_STAT, &buffer);
	if (!guilty)
		shmctl(0x7654321, IPC_STAT, &buffer); /* no id, and no key of ours */
	drop(id);
}

static void detach_twice(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *one = attach(id), *two = attach(id);
	drop(id);
	shmdt(one);
	shmdt(guilty ? one : two);
	if (guilty)
		shmdt(two);
}

static void detach_inside(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id);
	drop(id);
	if (guilty)
		shmdt(memory + 4096);
	shmdt(memory);
}

static void detach_unknown(bool guilty)
{
	static char elsewhere[8192];
	int id = make(IPC_PRIVATE);
	char *memory = attach(id);
	drop(id);
	if (guilty)
		shmdt((void *)(((unsigned long)elsewhere + 4095) & ~4095UL));
	shmdt(memory);
}

/* The twin attaches again at the same place, and crashes elsewhere. */
static void after_detach(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id);
	shmdt(memory);
	if (!guilty)
		must(shmat(id, memory, 0) == memory, "shmat at the same place");
	drop(id);
	memory[100] = 1;
	*(volatile char *)0x4000 = 1;
}

/* The twin keeps a second attachment, uses that, and crashes elsewhere. */
static void after_unmap(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id), *other = attach(id);
	must(munmap(memory, BYTES) == 0, "munmap");
	drop(id);
	*(guilty ? memory : other) = 1;
	shmdt(other);
	*(volatile char *)0x4000 = 1;
}

static void attach_removed(int id, char *memory)
{
	(void)memory;
	must(shmat(id, NULL, 0) == (void *)-1, "attached what was removed");
}

/* The twin does as X clients do: removed while attached, used, asked about. */
static void after_remove(bool guilty)
{
	struct shmid_ds buffer;
	int id = make(IPC_PRIVATE);
	char *memory = attach(id);
	drop(id);
	memory[0] = 1;
	must(shmctl(id, IPC_STAT, &buffer) == 0, "IPC_STAT");
	shmdt(memory);
	if (guilty)
		attach_removed(id, NULL);
	else
		in_child(attach_removed, id, NULL);
	shmctl(id, IPC_STAT, &buffer);
}

/* The twin's child cleans up what nobody needs any more. */
static void foreign_removal(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id);
	if (!guilty)
		shmdt(memory);
	in_child(remove_it, id, memory);
	if (guilty) {
		shmdt(memory);
		attach_removed(id, NULL);
	}
}

/* An older segment with KEY is there when it starts. */
static void stale(bool guilty)
{
	int id = shmget(KEY, 0, IPC_CREAT | (guilty ? 0 : IPC_EXCL) | 0600);
	if (!guilty && errno == EEXIST)
		id = shmget(KEY, 0, 0600); /* it knows that it may be somebody else's */
	must(id != -1, "shmget");
	shmdt(attach(id));
}

/* Two files whose inodes have the same 16 lower bits. The twin: two names of one file. */
static void collision(bool guilty)
{
	char folder[] = "/dev/shm/findings.XXXXXX", one[64], two[64];
	struct stat first, second = {0};
	must(mkdtemp(folder) != NULL, "mkdtemp");
	snprintf(one, sizeof one, "%s/one", folder);
	snprintf(two, sizeof two, "%s/two", folder);
	close(open(one, O_CREAT | O_WRONLY, 0600));
	must(stat(one, &first) == 0, "stat");
	if (!guilty)
		must(link(one, two) == 0, "link");
	for (long tries = 0;
	     guilty && ((second.st_ino ^ first.st_ino) & 0xffff || second.st_ino == first.st_ino); tries++) {
		must(tries < 4000000, "no file with such an inode");
		unlink(two);
		close(open(two, O_CREAT | O_WRONLY, 0600));
		must(stat(two, &second) == 0, "stat");
	}
	must(ftok(one, 'x') == ftok(two, 'x'), "the keys differ");
	unlink(one);
	unlink(two);
	rmdir(folder);
}

static void truncated(bool guilty)
{
	ftok("/", guilty ? 257 : 255);
	ftok("/", guilty ? 0 : 1);
}

static void decimal(bool guilty)
{
	int id = shmget(IPC_PRIVATE, BYTES, IPC_CREAT | (guilty ? 600 : 0600));
	must(id != -1, "shmget");
	drop(id);
	id = shmget(IPC_PRIVATE, BYTES, IPC_CREAT | 384); /* 0600 */
	drop(id);
}

static void world(bool guilty)
{
	int id = shmget(IPC_PRIVATE, BYTES, IPC_CREAT | (guilty ? 0666 : 0664));
	must(id != -1, "shmget");
	drop(id);
}

static void twice(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id);
	drop(id);
	if (guilty)
		drop(id);
	shmdt(memory);
}

static void late_attach(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory = attach(id), *other = guilty ? NULL : attach(id);
	drop(id);
	other = other ? other : attach(id);
	shmdt(other);
	shmdt(memory);
}

static void attach_leak(bool guilty)
{
	int id = make(IPC_PRIVATE);
	char *memory[3] = {attach(id), attach(id), attach(id)};
	drop(id);
	for (int i = 0; !guilty && i < 3; i++)
		shmdt(memory[i]);
}

/* The twin has nothing that a kill could leave: it finds what another made. */
static void window(bool guilty)
{
	if (guilty)
		drop(make(IPC_PRIVATE));
	else
		shmget(KEY, 0, 0600);
}

static const struct {
	const char *name;
	void (*act)(bool guilty);
} cases[] = {
    {"segment-leak", leak},
    {"failed-result-used", failed_result},
    {"failed-result-used/crash", failed_attach_crash},
    {"key-as-id", key_as_id},
    {"bad-detach/twice", detach_twice},
    {"bad-detach/inside", detach_inside},
    {"bad-detach/unknown", detach_unknown},
    {"use-after-detach", after_detach},
    {"use-after-detach/munmap", after_unmap},
    {"use-after-remove", after_remove},
    {"remove-foreign", foreign_removal},
    {"stale-attach", stale},
    {"ftok-collision", collision},
    {"ftok-truncated", truncated},
    {"mode-decimal", decimal},
    {"mode-world", world},
    {"remove-twice", twice},
    {"attach-after-remove", late_attach},
    {"attach-leak", attach_leak},
    {"crash-window", window},
};

int main(int count, char **words)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (count < 2)
			puts(cases[i].name);
		else if (count > 2 && strcmp(cases[i].name, words[1]) == 0) {
			cases[i].act(strcmp(words[2], "guilty") == 0);
			return 0;
		}
	}
	return count < 2 ? 0 : 98;
}
