// SPDX-License-Identifier: MIT
// shim: takes a segment's mode away for the time of one call, so that the kernel denies it.
#include "shim/inject_denied.h"
#include "shim/inject_limit.h"
#include "shim/inject_planted.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>

enum { ANY_BIT = 0777 };

static long control(long id, int command, struct shmid_ds *state)
{
	return raw_syscall(SYS_shmctl, id, command, (long)state, 0, 0, 0);
}

/* The segment that CALL is about; -ENOENT: its key has none; another errno: nothing of it can be denied. */
static long segment_of(const struct plan_call *call)
{
	struct shmid_ds state;
	long id = (int32_t)call->args[0];

	if (call->call == CALL_SHMAT)
		return id;
	if (call->call == CALL_SHMCTL) {
		int command = shmctl_command((int32_t)call->args[1]);

		return command == IPC_STAT   ? id
		       : command == SHM_STAT ? control(id, SHM_STAT, &state)
					     : -EPERM;
	}
	/* Who asks for no permission gets the id, and IPC_EXCL does not look at the mode. */
	if (id == IPC_PRIVATE || !(call->args[2] & ANY_BIT) ||
	    (call->args[2] & IPC_CREAT && call->args[2] & IPC_EXCL))
		return -EINVAL;
	return raw_syscall(SYS_shmget, id, 0, 0, 0, 0, 0);
}

/* Whether the kernel denies it to us, now that it has no mode. */
static bool is_denied(struct plan *plan, const struct inject *inject, long id)
{
	struct shmid_ds state;

	if (control(id, IPC_STAT, &state) == -EACCES)
		return true;
	__atomic_fetch_or(&plan->world_privileged, UINT64_C(1) << (inject->decision.rule - 1),
			  __ATOMIC_RELAXED);
	return false;
}

static long set_mode(const struct inject *inject, const struct plan_denied *denied, unsigned mode)
{
	struct shmid_ds state = {0};
	struct entry entry = begin_planted(CALL_SHMCTL, inject, denied->shmid, IPC_SET, 0);
	long result;

	state.shm_perm.uid = denied->uid;
	state.shm_perm.gid = denied->gid;
	state.shm_perm.mode = (unsigned short)mode;
	result = control(denied->shmid, IPC_SET, &state);
	end_planted(&entry, result);
	return result;
}

static void give_back(struct plan *plan, struct inject *inject)
{
	set_mode(inject, &plan->denied, plan->denied.mode);
	__atomic_store_n(&plan->denied.state, DENIED_NONE, __ATOMIC_RELEASE);
}

static bool take_mode(struct plan *plan, struct inject *inject, long id)
{
	struct shmid_ds state = {0};

	if (control(id, IPC_STAT, &state) < 0)
		return false;
	plan->denied.shmid = (int32_t)id;
	plan->denied.uid = state.shm_perm.uid;
	plan->denied.gid = state.shm_perm.gid;
	plan->denied.mode = state.shm_perm.mode & ANY_BIT;
	__atomic_store_n(&plan->denied.state, DENIED_CHANGED, __ATOMIC_RELEASE);
	if (set_mode(inject, &plan->denied, 0) == 0 && is_denied(plan, inject, id))
		return true;
	give_back(plan, inject);
	return false;
}

static void take_away(struct plan *plan, struct inject *inject)
{
	long id = inject->planted->shmid;
	struct entry entry = begin_planted(CALL_SHMCTL, inject, id, IPC_RMID, 0);

	end_planted(&entry, control(id, IPC_RMID, NULL));
	__atomic_store_n(&plan->denied.state, DENIED_NONE, __ATOMIC_RELEASE);
	planted_is(inject->planted, -ENOENT);
	inject->planted = NULL;
}

static bool plant(struct plan *plan, const struct plan_call *call, struct inject *inject)
{
	long key = (int32_t)call->args[0], flags = IPC_CREAT | IPC_EXCL | SHM_NORESERVE, id;
	uint64_t size = call->args[1] ? call->args[1] : 1;
	struct entry entry;

	inject->planted = planted_place(plan, key);
	if (!inject->planted)
		return false;
	entry = begin_planted(CALL_SHMGET, inject, key, size, flags);
	id = raw_syscall(SYS_shmget, key, (long)size, flags, 0, 0, 0);
	end_planted(&entry, id);
	planted_is(inject->planted, id);
	plan->denied.shmid = (int32_t)id;
	__atomic_store_n(&plan->denied.state, id < 0 ? DENIED_NONE : DENIED_PLANTED, __ATOMIC_RELEASE);
	if (id < 0)
		inject->planted = NULL;
	else if (is_denied(plan, inject, id))
		return true;
	else
		take_away(plan, inject);
	return false;
}

bool denied_make(struct plan *plan, const struct plan_call *call, struct inject *inject)
{
	long id;

	if (!limit_enter(plan))
		return false;
	id = segment_of(call);
	if (id >= 0)
		inject->is_denied = take_mode(plan, inject, id);
	else if (call->call == CALL_SHMGET && id == -ENOENT)
		inject->is_denied = plant(plan, call, inject);
	if (!inject->is_denied)
		limit_leave(plan);
	return inject->is_denied;
}

void denied_restore(struct plan *plan, struct inject *inject)
{
	if (inject->planted)
		take_away(plan, inject);
	else
		give_back(plan, inject);
	inject->is_denied = false;
	limit_leave(plan);
}

void denied_put_back(struct plan *plan)
{
	static const struct inject nobody;
	uint32_t left = __atomic_load_n(&plan->denied.state, __ATOMIC_ACQUIRE);

	if (left == DENIED_PLANTED)
		control(plan->denied.shmid, IPC_RMID, NULL);
	else if (left == DENIED_CHANGED)
		set_mode(&nobody, &plan->denied, plan->denied.mode);
	__atomic_store_n(&plan->denied.state, DENIED_NONE, __ATOMIC_RELEASE);
}
