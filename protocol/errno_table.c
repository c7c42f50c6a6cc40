// SPDX-License-Identifier: MIT
// protocol: which errnos the kernel can really give for which call; one table.
#include "errno_table.h"
#include "plan_expression.h"

#include <errno.h>
#include <string.h>

#define KEYED     "key!=IPC_PRIVATE"
#define EXCLUSIVE "flags&IPC_CREAT&&flags&IPC_EXCL&&" KEYED
#define OPENING   "flags&IPC_CREAT&&!(flags&IPC_EXCL)&&" KEYED
#define STAT      "cmd==IPC_STAT||cmd==SHM_STAT"
#define CHANGE    "cmd==IPC_SET||cmd==IPC_RMID"
#define ON_ID     "cmd==IPC_STAT||cmd==IPC_SET||cmd==IPC_RMID||cmd==SHM_LOCK||cmd==SHM_UNLOCK"

static const struct errno_possible rows[] = {
    {CALL_FTOK, ENOENT, true, WORLD_NONE, NULL, "the path is not there"},
    {CALL_FTOK, EACCES, true, WORLD_NONE, NULL, "a folder on the path may not be searched"},
    {CALL_FTOK, ENOTDIR, false, WORLD_NONE, NULL, "a folder on the path is none"},
    {CALL_FTOK, ELOOP, false, WORLD_NONE, NULL, "too many symbolic links"},
    {CALL_FTOK, ENAMETOOLONG, false, WORLD_NONE, NULL, "the path is too long"},
    {CALL_SHMGET, ENOSPC, true, WORLD_FULL, "create", "shmmni or shmall is reached"},
    {CALL_SHMGET, EINVAL, true, WORLD_SMALL, "create", "the size is above shmmax"},
    {CALL_SHMGET, ENOMEM, true, WORLD_NONE, "create", "no memory"},
    {CALL_SHMGET, EACCES, true, WORLD_DENIED, OPENING, "the segment belongs to someone else"},
    {CALL_SHMGET, EEXIST, true, WORLD_STALE, EXCLUSIVE, "a segment with that key is there"},
    {CALL_SHMGET, ENOENT, true, WORLD_REMOVED, "!create", "no segment with that key"},
    {CALL_SHMGET, EACCES, true, WORLD_DENIED, "!create", "the segment belongs to someone else"},
    {CALL_SHMGET, EINVAL, true, WORLD_STALE, "!create&&size>1", "the segment is smaller"},
    {CALL_SHMGET, ENFILE, false, WORLD_NONE, "create", "the system's limit on open files"},
    {CALL_SHMGET, EPERM, false, WORLD_NONE, "create&&flags&SHM_HUGETLB", "huge pages need a privilege"},
    {CALL_SHMAT, ENOMEM, true, WORLD_NONE, NULL, "no memory or no room in the address space"},
    {CALL_SHMAT, EINVAL, true, WORLD_REMOVED, NULL, "the segment is gone"},
    {CALL_SHMAT, EACCES, true, WORLD_DENIED, NULL, "the segment belongs to someone else"},
    {CALL_SHMAT, ENFILE, false, WORLD_NONE, NULL, "the system's limit on open files"},
    {CALL_SHMAT, EIDRM, false, WORLD_NONE, NULL, "it was removed at that moment"},
    {CALL_SHMAT, EAGAIN, false, WORLD_NONE, NULL, "mlockall and RLIMIT_MEMLOCK"},
    {CALL_SHMDT, EINVAL, true, WORLD_NONE, NULL, "no segment is attached there"},
    {CALL_SHMCTL, EINVAL, true, WORLD_REMOVED, STAT "||" CHANGE, "the segment is gone"},
    {CALL_SHMCTL, EACCES, true, WORLD_DENIED, STAT, "the segment belongs to someone else"},
    {CALL_SHMCTL, EPERM, true, WORLD_NONE, CHANGE, "it belongs to someone else; forged only"},
    {CALL_SHMCTL, EPERM, true, WORLD_NONE, "cmd==SHM_LOCK||cmd==SHM_UNLOCK", "locking needs a privilege"},
    {CALL_SHMCTL, ENOMEM, true, WORLD_NONE, "cmd==SHM_LOCK", "RLIMIT_MEMLOCK"},
    {CALL_SHMCTL, EIDRM, false, WORLD_NONE, ON_ID, "it was removed at that moment"},
    {CALL_SHMCTL, EOVERFLOW, false, WORLD_NONE, "cmd==IPC_STAT", "an id does not fit in the structure"},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

const struct errno_possible *errno_possible_at(unsigned index)
{
	return index < ROW_COUNT ? &rows[index] : NULL;
}

bool errno_possible_applies(const struct errno_possible *row, unsigned call, const uint64_t *args)
{
	struct plan_expression condition;
	struct expression_error error;

	if (row->call != call)
		return false;
	if (!row->condition)
		return true;
	if (expression_compile(word_of(row->condition, strlen(row->condition)), &condition, &error))
		return false;
	return expression_is_true(&condition, call, args);
}
