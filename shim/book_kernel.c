// SPDX-License-Identifier: MIT
// shim: the kernel's tables of segments and of this process's attachments, read without heap or stdio.
#include "shim/book_kernel.h"

#include "shim/raw_syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/syscall.h>

enum { BUFFER = 8192, ANY = 15 /* SHM_STAT_ANY of linux/shm.h */ };

void kernel_walk_begin(struct kernel_walk *ret_walk)
{
	struct shm_info info;

	memset(&info, 0, sizeof(info));
	*ret_walk =
	    (struct kernel_walk){.last = (int)raw_syscall(SYS_shmctl, 0, SHM_INFO, (long)&info, 0, 0, 0)};
}

/* SHM_STAT_ANY (Linux 4.17) asks for no permission: it is what /proc/sysvipc/shm shows. */
bool kernel_walk_next(struct kernel_walk *walk, int *ret_shmid, struct shmid_ds *ret_state)
{
	while (walk->next <= walk->last) {
		int index = walk->next++;
		long shmid = raw_syscall(SYS_shmctl, index, ANY, (long)ret_state, 0, 0, 0);

		if (shmid < 0)
			shmid = raw_syscall(SYS_shmctl, index, SHM_STAT, (long)ret_state, 0, 0, 0);
		if (shmid < 0)
			continue;
		*ret_shmid = (int)shmid;
		return true;
	}
	return false;
}

bool kernel_has(int shmid, struct shmid_ds *ret_state)
{
	long code;

	memset(ret_state, 0, sizeof(*ret_state));
	code = raw_syscall(SYS_shmctl, shmid, IPC_STAT, (long)ret_state, 0, 0, 0);
	return code != -EINVAL && code != -EIDRM;
}

static uint64_t take_number(const char **at, unsigned base)
{
	uint64_t number = 0;

	for (;; ++*at) {
		char c = **at;
		unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
							: 16;

		if (digit >= base)
			return number;
		number = number * base + digit;
	}
}

/* "7f0000000000-7f0000001000 rw-s 00000000 00:01 32769    /SYSV00000000 (deleted)": proc(5); the inode is the shmid
 * (ipc/shm.c, newseg). Only the first part of an attachment has offset 0. */
static void see_line(const char *line, kernel_see *see, void *context)
{
	const char *at = line, *name = strchr(line, '/');
	uint64_t begin, end, offset;

	if (!name || strncmp(name, "/SYSV", 5) != 0)
		return;
	begin = take_number(&at, 16);
	at++;
	end = take_number(&at, 16);
	at = strchr(at + 1, ' ');
	if (!at)
		return;
	at++;
	offset = take_number(&at, 16);
	at = offset == 0 ? strchr(at + 1, ' ') : NULL; /* behind the device */
	if (!at)
		return;
	at++;
	see(context, begin, end - begin, (int)take_number(&at, 10));
}

/* Hands the whole lines of LENGTH bytes in BUFFER to SEE; returns how many bytes are left over. */
static size_t see_lines(char *buffer, size_t length, kernel_see *see, void *context)
{
	char *line = buffer, *end;

	while ((end = memchr(line, '\n', (size_t)(buffer + length - line)))) {
		*end = '\0';
		see_line(line, see, context);
		line = end + 1;
	}
	length = (size_t)(buffer + length - line);
	if (line == buffer && length == BUFFER)
		return 0; /* no line of a mapping is that long */
	memmove(buffer, line, length);
	return length;
}

bool kernel_attachments(kernel_see *see, void *context)
{
	char buffer[BUFFER] = "";
	size_t length = 0;
	long fd = raw_syscall(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0, 0, 0),
	     got;

	if (fd < 0)
		return false;
	while ((got = raw_syscall(SYS_read, fd, (long)(buffer + length), (long)(BUFFER - length), 0, 0, 0)) >
	       0)
		length = see_lines(buffer, length + (size_t)got, see, context);
	raw_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
	return got == 0;
}
