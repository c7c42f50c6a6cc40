// SPDX-License-Identifier: MIT
// shim: the file of a session without the harness: allocated whole, then given its name.
#include "shim/plain_file.h"

#include "protocol/plan_text.h"
#include "shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { PAGE = 4096, TRIES = 16 };

static long call(long number, long a, long b, long c, long d)
{
	return raw_syscall(number, a, b, c, d, 0, 0);
}

static void name_temporary(struct plain_file *file)
{
	struct out out = {.text = file->temporary, .size = sizeof(file->temporary)};

	file->temporary[0] = '\0';
	out_text(&out, file->path);
	out_char(&out, '.');
	out_number(&out, (uint64_t)call(SYS_getpid, 0, 0, 0, 0), 10);
	out_text(&out, ".new");
}

/* Where the file system cannot allocate, zeroes are written. */
static long allocate(int fd, uint64_t size)
{
	static const char zeroes[PAGE];
	long code = call(SYS_fallocate, fd, 0, 0, (long)size);

	if (code != -EOPNOTSUPP && code != -ENOSYS)
		return code;
	for (uint64_t at = 0; at < size; at += PAGE) {
		code = call(SYS_pwrite64, fd, (long)zeroes, PAGE, (long)at);
		if (code != PAGE)
			return code < 0 ? code : -ENOSPC;
	}
	return 0;
}

static bool is_too_large(uint64_t size)
{
	struct rlimit limit = {0};

	return call(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit) == 0 && limit.rlim_cur < size;
}

long plain_file_create(struct plain_file *file, uint64_t size)
{
	long fd, code;

	if (is_too_large(size))
		return -EFBIG;
	name_temporary(file);
	fd = call(SYS_openat, AT_FDCWD, (long)file->temporary,
		  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0) {
		file->temporary[0] = '\0';
		return fd;
	}
	code = allocate((int)fd, size);
	if (!code)
		code = raw_syscall(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	call(SYS_close, fd, 0, 0, 0);
	if (raw_failed(code))
		plain_file_discard(file);
	return code;
}

void plain_file_discard(struct plain_file *file)
{
	if (file->temporary[0])
		call(SYS_unlinkat, AT_FDCWD, (long)file->temporary, 0, 0);
	file->temporary[0] = '\0';
}

/* Without a harness a block is never given back: whoever wrote owns one. */
static bool is_in_use(struct session *session)
{
	const struct block_owner *owners = session_owners(session);

	for (uint32_t i = 0; i < session->block_count; i++) {
		uint64_t owner = __atomic_load_n(&owners[i].owner, __ATOMIC_RELAXED);

		if (owner && owner != OWNER_DEAD &&
		    call(SYS_tgkill, (long)(owner >> 32), (long)(uint32_t)owner, 0, 0) != -ESRCH)
			return true;
	}
	return false;
}

/* Opening a device could do something to it. */
static long open_regular(const char *path)
{
	struct stat status = {0};
	long code = call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&status, AT_SYMLINK_NOFOLLOW);

	if (code)
		return code;
	return S_ISREG(status.st_mode)
		   ? call(SYS_openat, AT_FDCWD, (long)path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0)
		   : -EEXIST;
}

static bool is_same_file(const struct stat *a, const char *path)
{
	struct stat b = {0};

	return call(SYS_newfstatat, AT_FDCWD, (long)path, (long)&b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

/* The file FD has our name. Returns 0 when it was joined or is out of the way, -EEXIST when it is neither. */
static long look_at(const struct plain_file *file, int fd, struct session **ret_theirs)
{
	struct stat status = {0};
	struct session *theirs = NULL;

	/* one at a time decides what becomes of it */
	if (call(SYS_flock, fd, LOCK_EX, 0, 0) < 0 || call(SYS_fstat, fd, (long)&status, 0, 0) < 0)
		return -EEXIST;
	if (!is_same_file(&status, file->path))
		return 0; /* another was here before us: look again */
	if (status.st_size) {
		theirs = shim_map(fd, (uint64_t)status.st_size);
		if (!theirs)
			return -EEXIST;
		if (is_in_use(theirs)) {
			*ret_theirs = theirs;
			return 0;
		}
		raw_syscall(SYS_munmap, (long)theirs, status.st_size, 0, 0, 0, 0);
	}
	return call(SYS_unlinkat, AT_FDCWD, (long)file->path, 0, 0);
}

long plain_file_publish(struct plain_file *file, struct session **ret_theirs)
{
	long code = -EEXIST;

	for (int i = 0; i < TRIES && !*ret_theirs; i++) {
		long fd;

		code = raw_syscall(SYS_linkat, AT_FDCWD, (long)file->temporary, AT_FDCWD, (long)file->path, 0,
				   0);
		if (code == -EPERM || code == -EOPNOTSUPP) /* a file system without links */
			code = raw_syscall(SYS_renameat2, AT_FDCWD, (long)file->temporary, AT_FDCWD,
					   (long)file->path, 1 /* RENAME_NOREPLACE */, 0);
		if (code != -EEXIST)
			break;
		fd = open_regular(file->path);
		if (fd == -ENOENT)
			continue; /* gone meanwhile */
		code = fd;
		if (fd < 0)
			break;
		code = look_at(file, (int)fd, ret_theirs);
		call(SYS_close, fd, 0, 0, 0);
		if (code)
			break;
	}
	plain_file_discard(file);
	return code;
}

const char *plain_file_sentence(int error)
{
	switch (error) {
	case EEXIST:
		return "there is something else of that name, and it is no log of shmcheck";
	case ENOENT:
	case ENOTDIR:
		return "its folder is not there";
	case EACCES:
	case EPERM:
		return "it may not be written here";
	case EROFS:
		return "the file system is read-only";
	case EFBIG:
		return "RLIMIT_FSIZE (ulimit -f) is below the smallest log";
	case ENOSPC:
	case EDQUOT:
		return "the disk is full";
	case EMFILE:
	case ENFILE:
		return "no descriptor is free";
	case ENAMETOOLONG:
		return "its name is too long";
	case ENOMEM:
		return "no room in the address space";
	}
	return "it cannot be made";
}
