// SPDX-License-Identifier: MIT
// launch: the session's folder and file. What the program may use of it is allocated before: it never takes SIGBUS.
#include "session_file.h"

#include "harness/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* An unguessable name: as root others may enter the folder, if they know it. */
static int make_folder(const char *parent, char folder[SESSION_PATH_MAX], char told[SESSION_PATH_MAX])
{
	uint64_t secret[2];
	if (getrandom(secret, sizeof secret, 0) != sizeof secret)
		return -EIO;
	int length = snprintf(folder, SESSION_PATH_MAX, "%s/shmcheck-%016llx%016llx", parent,
			      (unsigned long long)secret[0], (unsigned long long)secret[1]);
	if (length >= SESSION_PATH_MAX)
		return -ENAMETOOLONG;
	if (told)
		memcpy(told, folder, (size_t)length + 1);
	if (mkdir(folder, 0700))
		return -errno;
	/* a program that gives up root must still be able to open the session in its next image */
	if (geteuid() == 0 && chmod(folder, 0711)) {
		int code = -errno;
		rmdir(folder);
		return code;
	}
	return 0;
}

static int make_file(struct session_file *file)
{
	int fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	int code = geteuid() == 0 && fchmod(fd, 0666) ? -errno : 0;
	if (!code && ftruncate(fd, (off_t)file->size))
		code = -errno;
	if (!code)
		code = -posix_fallocate(fd, 0, (off_t)(file->arena_offset + file->ready_arena));
	if (!code)
		code = -posix_fallocate(fd, (off_t)file->blocks_offset,
					(off_t)(file->ready_blocks * sizeof(struct block)));
	void *memory = code ? MAP_FAILED : mmap(NULL, file->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!code && memory == MAP_FAILED)
		code = -errno;
	if (code) {
		close(fd);
		unlink(file->path);
	} else {
		file->session = memory;
		file->fd = fd;
	}
	return code;
}

static int try_parent(struct session_file *file, const char *parent, char told[SESSION_PATH_MAX])
{
	int code = make_folder(parent, file->folder, told);
	if (code) {
		file->folder[0] = '\0';
		return code;
	}
	snprintf(file->path, sizeof file->path, "%s/session", file->folder);
	code = make_file(file);
	if (code) {
		rmdir(file->folder);
		file->folder[0] = '\0';
	}
	return code;
}

/* The words of the header that grow, and an empty arena. */
static void begin_growth(struct session_file *file)
{
	__atomic_store_n(&file->session->block_count, file->ready_blocks, __ATOMIC_RELAXED);
	__atomic_store_n(&file->session->arena_room, file->arena_size, __ATOMIC_RELAXED);
	arena_init(session_file_arena(file), file->ready_arena);
}

/* Fewer threads at a time, where no file may be as large as for all. */
static uint32_t blocks_allowed(uint64_t extra)
{
	struct rlimit limit;
	bool is_short = getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
			limit.rlim_cur < session_layout(SESSION_BLOCKS, ARENA_BYTES, extra).total;
	return is_short ? BACKLOG_BLOCKS : SESSION_BLOCKS;
}

int session_file_make(struct session_file *file, uint64_t plan_size, uint64_t order_size,
		      char told[SESSION_PATH_MAX], char why[512])
{
	const char *parents[] = {getenv("TMPDIR"), "/dev/shm", "/tmp"};
	struct stat namespace;
	size_t at = 0;
	int code = -ENOENT;
	uint64_t extra = order_size ? (plan_size + order_size + 127) / 64 * 64 : plan_size;
	uint32_t blocks = blocks_allowed(extra);
	struct session_layout layout = session_layout(blocks, ARENA_BYTES, extra);
	*file = (struct session_file){.size = layout.total,
				      .blocks = blocks,
				      .ready_blocks = FIRST_BLOCKS,
				      .arena_size = ARENA_BYTES,
				      .ready_arena = FIRST_ARENA_BYTES,
				      .owners_offset = layout.owners,
				      .blocks_offset = layout.blocks,
				      .arena_offset = layout.arena};
	at += (size_t)snprintf(
	    why, 512, "no room for the session file (%llu KiB):", (unsigned long long)file->size >> 10);
	for (unsigned i = 0; i < sizeof parents / sizeof *parents; i++) {
		if (!parents[i] || !*parents[i])
			continue;
		code = try_parent(file, parents[i], told);
		if (!code)
			break;
		if (at < 400)
			at +=
			    (size_t)snprintf(why + at, 512 - at, " %.60s: %s%s;", parents[i], strerror(-code),
					     code == -EFBIG ? " (RLIMIT_FSIZE: see ulimit -f)" : "");
	}
	if (code) {
		snprintf(why + at, 512 - at, " set TMPDIR to a writable folder with room");
		return code;
	}
	why[0] = '\0';
	code = session_init(file->session, file->size, file->blocks, file->arena_size, extra);
	if (!code && order_size)
		code = session_divide(file->session, plan_size, order_size);
	file->session->clock = *clock_settle();
	file->session->reaper = getpid();
	if (stat("/proc/self/ns/pid", &namespace) == 0)
		file->session->pid_namespace = namespace.st_ino;
	if (stat("/proc/self/ns/ipc", &namespace) == 0)
		file->session->ipc_namespace = namespace.st_ino;
	begin_growth(file);
	file->plan_offset = file->session->plan_offset;
	file->order = order_size ? session_order(file->session) : NULL;
	return code;
}

/* All but the two futex words: the watch's thread sleeps on one, and it would take a word that goes back for one that
 * did not move. */
static void renew_header(struct session *session, const struct session *header)
{
	memcpy(session, header, offsetof(struct session, next_process));
	__atomic_store_n(&session->next_process, header->next_process, __ATOMIC_RELAXED);
	__atomic_store_n(&session->gone, header->gone, __ATOMIC_RELAXED);
	__atomic_store_n(&session->waiters, header->waiters, __ATOMIC_RELAXED);
	__atomic_store_n(&session->taken, header->taken, __ATOMIC_RELAXED);
	__atomic_store_n(&session->block_hint, header->block_hint, __ATOMIC_RELAXED);
	__atomic_store_n(&session->lost, header->lost, __ATOMIC_RELAXED);
	__atomic_store_n(&session->gate, header->gate, __ATOMIC_RELAXED);
}

void session_file_renew(struct session_file *file, const struct session *header, bool is_wholly)
{
	char *base = (char *)file->session;
	uint32_t used =
	    is_wholly ? file->ready_blocks : __atomic_load_n(&file->session->block_hint, __ATOMIC_RELAXED);
	struct arena *arena = session_file_arena(file);
	uint64_t filled = is_wholly || arena->used > file->ready_arena ? file->ready_arena : arena->used;
	renew_header(file->session, header);
	memset(base + file->owners_offset, 0, file->blocks * sizeof(struct block_owner));
	struct block *blocks = (struct block *)(base + file->blocks_offset);
	for (uint32_t i = 0; i < used && i < file->ready_blocks; i++)
		for (unsigned k = 0; k < BLOCK_RECORDS; k++)
			blocks[i].records[k].state = RECORD_FREE;
	memset(arena, 0, filled);
	begin_growth(file);
}

/* Whether LENGTH bytes at OFFSET have memory now. */
static bool allocate(const struct session_file *file, uint64_t offset, uint64_t length)
{
	return posix_fallocate(file->fd, (off_t)offset, (off_t)length) == 0;
}

static bool grow_blocks(struct session_file *file)
{
	uint32_t count = 2 * file->ready_blocks < file->blocks ? 2 * file->ready_blocks : file->blocks;
	if (!allocate(file, file->blocks_offset, count * sizeof(struct block))) {
		file->blocks = file->ready_blocks;
		return false;
	}
	file->ready_blocks = count;
	__atomic_store_n(&file->session->block_count, count, __ATOMIC_RELEASE);
	return true;
}

static bool grow_arena(struct session_file *file)
{
	uint64_t size = 2 * file->ready_arena < file->arena_size ? 2 * file->ready_arena : file->arena_size;
	bool has_grown = allocate(file, file->arena_offset, size);
	if (has_grown)
		file->ready_arena = size;
	else
		file->arena_size = file->ready_arena;
	__atomic_store_n(&file->session->arena_room, file->arena_size, __ATOMIC_RELAXED);
	__atomic_store_n(&session_file_arena(file)->size, file->ready_arena, __ATOMIC_RELEASE);
	return true; /* or those who wait for it need not wait any longer */
}

bool session_file_grow(struct session_file *file, uint32_t taken, uint32_t held)
{
	uint64_t used = __atomic_load_n(&session_file_arena(file)->used, __ATOMIC_RELAXED);
	uint32_t needed = file->ready_blocks < BACKLOG_BLOCKS ? taken : held;
	bool has_grown = false;
	if (file->ready_blocks < file->blocks && needed > file->ready_blocks / 2)
		has_grown = grow_blocks(file);
	if (file->ready_arena < file->arena_size && used > file->ready_arena / 2)
		has_grown |= grow_arena(file);
	return has_grown;
}

void session_file_remove(struct session_file *file)
{
	if (file->session)
		munmap(file->session, file->size);
	if (file->session)
		close(file->fd);
	if (file->folder[0]) {
		unlink(file->path);
		rmdir(file->folder);
	}
	file->session = NULL;
	file->folder[0] = '\0';
}

void session_file_forget(const char *folder)
{
	char path[SESSION_PATH_MAX + 16];
	if (!folder[0])
		return;
	snprintf(path, sizeof path, "%s/session", folder);
	unlink(path);
	rmdir(folder);
}
