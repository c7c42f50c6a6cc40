// SPDX-License-Identifier: MIT
// shim: changes the world before a real call, so that the kernel itself gives the answer.
#include "shim/inject_world.h"
#include "shim/inject_denied.h"
#include "shim/inject_limit.h"
#include "shim/inject_planted.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>

enum { GARBAGE = 0xa5, GARBAGE_MAX = 1 << 20, PAGE = 4096, NOBODY = 65534 };

/* The other commands take an index, or nothing. */
static bool takes_id(int command)
{
	return command == IPC_STAT || command == IPC_SET || command == IPC_RMID || command == SHM_LOCK ||
	       command == SHM_UNLOCK;
}

/* Someone else removes the segment: we do, in that someone's place. It goes into the books as ours. */
static bool make_removed(const struct plan_call *call, struct inject *inject)
{
	long id = (int32_t)call->args[0], result;
	struct entry entry;

	if (call->call == CALL_SHMGET) {
		if ((int32_t)call->args[0] == IPC_PRIVATE)
			return false;
		id = raw_syscall(SYS_shmget, (int32_t)call->args[0], 0, 0, 0, 0, 0);
	}
	if (id < 0 || (call->call == CALL_SHMCTL && !takes_id(shmctl_command((int32_t)call->args[1]))))
		return false;
	entry = begin_planted(CALL_SHMCTL, inject, id, IPC_RMID, 0);
	result = raw_syscall(SYS_shmctl, id, IPC_RMID, 0, 0, 0, 0);
	end_planted(&entry, result);
	return result == 0;
}

static bool fill(long id, uint64_t size)
{
	long address = raw_syscall(SYS_shmat, id, 0, 0, 0, 0, 0);

	if (raw_failed(address))
		return false;
	memset((void *)address, GARBAGE, size < GARBAGE_MAX ? size : GARBAGE_MAX);
	raw_syscall(SYS_shmdt, address, 0, 0, 0, 0, 0);
	return true;
}

/* Whoever looks sees another owner. We stay its creator, so that it can be attached all the same; where there is no
 * other user (a namespace that maps one alone) it stays ours. */
static void give_away(long id)
{
	struct shmid_ds state = {0};
	uid_t other = raw_syscall(SYS_geteuid, 0, 0, 0, 0, 0, 0) == NOBODY ? NOBODY - 1 : NOBODY;

	state.shm_perm.uid = state.shm_perm.gid = other;
	state.shm_perm.mode = 0600;
	raw_syscall(SYS_shmctl, id, IPC_SET, (long)&state, 0, 0, 0);
}

static bool make_stale(struct plan *plan, const struct plan_call *call, struct inject *inject)
{
	long key = (int32_t)call->args[0], id, flags = IPC_CREAT | IPC_EXCL | 0600;
	uint64_t size = inject->decision.world_size ? inject->decision.world_size : call->args[1];
	struct plan_planted *planted;
	struct entry entry;

	if (key == IPC_PRIVATE || !size)
		return false;
	planted = planted_place(plan, key);
	if (!planted)
		return false;
	entry = begin_planted(CALL_SHMGET, inject, key, size, flags);
	id = raw_syscall(SYS_shmget, key, (long)size, flags, 0, 0, 0);
	end_planted(&entry, id);
	planted_is(planted, id);
	if (id < 0)
		return false;
	give_away(id);
	return fill(id, size);
}

/* The range where the kernel would attach is kept busy for that moment. */
static bool make_relocate(const struct plan_call *call, struct inject *inject)
{
	struct shmid_ds state = {0};
	uint64_t size;
	long address;

	if (call->args[1] ||
	    raw_syscall(SYS_shmctl, (int32_t)call->args[0], IPC_STAT, (long)&state, 0, 0, 0) < 0)
		return false;
	size = (state.shm_segsz + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	address = raw_syscall(SYS_mmap, 0, (long)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1, 0);
	if (raw_failed(address))
		return false;
	inject->reserved_at = (uint64_t)address;
	inject->reserved_size = size;
	return true;
}

bool world_make(struct plan *plan, const struct plan_call *call, struct inject *inject)
{
	const struct plan_world_row *row = plan_world_row(inject->decision.world);

	/* On a shared namespace it would be the host's segments and limits. */
	if (!row || (row->needs_namespace && !plan->is_private))
		return false;
	switch (inject->decision.world) {
	case WORLD_REMOVED:
		return make_removed(call, inject);
	case WORLD_STALE:
		return make_stale(plan, call, inject);
	case WORLD_FULL:
	case WORLD_SMALL:
		inject->limit_changed = limit_change(plan, call, inject->decision.world);
		return inject->limit_changed;
	case WORLD_DENIED:
		return denied_make(plan, call, inject);
	case WORLD_RELOCATE:
		return make_relocate(call, inject);
	}
	return false;
}

void world_restore(struct plan *plan, struct inject *inject)
{
	if (inject->limit_changed)
		limit_restore(plan, inject->decision.world);
	inject->limit_changed = false;
	if (inject->is_denied)
		denied_restore(plan, inject);
	if (inject->reserved_size)
		raw_syscall(SYS_munmap, (long)inject->reserved_at, (long)inject->reserved_size, 0, 0, 0, 0);
	inject->reserved_size = 0;
}
