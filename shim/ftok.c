// SPDX-License-Identifier: MIT
// shim: ftok(3), in front of libc's: what the path was about is recorded with it.
#include "shim/real.h"
#include "shim/room.h"
#include "shim/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* What the last ftok of this thread was about: programs ask for one key again and again, and stat(2) takes as long as
 * ftok itself. A signal handler may come in between at any point. */
static _Thread_local struct {
	uint64_t tag; /* path and key; 0: nothing */
	uint64_t device, inode;
} last_ftok;

static bool recall_ftok(uint64_t tag, struct record *record)
{
	bool is_known = last_ftok.tag == tag;
	uint64_t device = last_ftok.device, inode = last_ftok.inode;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (!is_known || last_ftok.tag != tag)
		return false;
	record->detail[0] = device;
	record->detail[1] = inode;
	return true;
}

static void remember_ftok(uint64_t tag, const struct record *record)
{
	last_ftok.tag = 0;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	last_ftok.device = record->detail[0];
	last_ftok.inode = record->detail[1];
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	last_ftok.tag = tag;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (last_ftok.device != record->detail[0] || last_ftok.inode != record->detail[1])
		last_ftok.tag = 0; /* a handler's */
}

/* A path that stat(2) could read can be read by us; after EFAULT it is left alone. */
static void detail_ftok(const struct watch *watch, struct record *record)
{
	const char *path = (const char *)(uintptr_t)watch->args[0];
	struct stat status = {0};
	record->args[0] = 0;
	if (!path || (record->result == -1 && record->error == EFAULT) || !watch_makes_call(watch))
		return;
	record->text = room_intern(session_arena(shim_session), ARENA_STRING, path, (uint32_t)strlen(path));
	uint64_t tag = (uint64_t)record->text << 32 | (uint32_t)record->result;
	if (record->result == -1 || record->flags & RECORD_INJECTED || recall_ftok(tag, record))
		return;
	if (raw_syscall(SYS_newfstatat, AT_FDCWD, (long)path, (long)&status, 0, 0, 0) == 0) {
		record->detail[0] = status.st_dev;
		record->detail[1] = status.st_ino;
		remember_ftok(record->text ? tag : 0, record);
	}
}

APART static key_t watch_ftok(const char *path, int project, const struct registers *registers)
{
	struct watch watch;
	watch_prepare(&watch, (uintptr_t)path, (uint64_t)(int64_t)project, 0);
	watch_begin(&watch, CALL_FTOK, 0, registers);
	watch.only_looks = true;
	key_t key = watch_makes_call(&watch) ? shim_real.ftok(path, project) : (key_t)-1;
	return (key_t)watch_end(&watch, key, detail_ftok);
}

EXPORT key_t ftok(const char *path, int project)
{
	struct registers registers;
	if (!shim_is_active() || !shim_real.ftok)
		return shim_real.ftok ? shim_real.ftok(path, project) : (errno = ENOSYS, (key_t)-1);
	ARCH_CAPTURE(&registers);
	return watch_ftok(path, project, &registers);
}
