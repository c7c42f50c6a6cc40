// SPDX-License-Identifier: MIT
// shim: the calls of the table, in front of libc's.
#include "shim/calls.h"

#include "shim/inject_limit.h"
#include "shim/ranges.h"
#include "shim/real.h"
#include "shim/watch.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

enum { CREATE_TRIES = 16 };

/* A system call's number and its first argument, of which 56 bits hold any address. */
static uint64_t handed(long number, uint64_t a)
{
	return (uint64_t)number << 56 | (a & UINT64_C(0xffffffffffffff));
}

static ALWAYS_INLINE uint64_t hand(long number, uint64_t a)
{
	uint64_t before = shim_thread.handed;
	shim_thread.handed = handed(number, a);
	return before;
}

/* The functions behind ours; the system call while they are not looked up yet. Who has patched them (UCX, Open MPI) may
 * come back to us, by syscall(2): see shim_raw_call. */
static int next_shmget(key_t key, size_t size, int flags)
{
	if (UNLIKELY(!shim_real.shmget))
		return (int)raw_to_libc(raw_syscall(SYS_shmget, key, (long)size, flags, 0, 0, 0));
	uint64_t before = hand(SYS_shmget, (uint64_t)(int64_t)key);
	int id = shim_real.shmget(key, size, flags);
	shim_thread.handed = before;
	return id;
}

static void *next_shmat(int id, const void *address, int flags)
{
	if (UNLIKELY(!shim_real.shmat))
		return (void *)raw_to_libc(raw_syscall(SYS_shmat, id, (long)address, flags, 0, 0, 0));
	uint64_t before = hand(SYS_shmat, (uint64_t)(int64_t)id);
	void *result = shim_real.shmat(id, address, flags);
	shim_thread.handed = before;
	return result;
}

static int next_shmdt(const void *address)
{
	if (UNLIKELY(!shim_real.shmdt))
		return (int)raw_to_libc(raw_syscall(SYS_shmdt, (long)address, 0, 0, 0, 0, 0));
	uint64_t before = hand(SYS_shmdt, (uintptr_t)address);
	int result = shim_real.shmdt(address);
	shim_thread.handed = before;
	return result;
}

static int next_shmctl(int id, int command, struct shmid_ds *buffer)
{
	if (UNLIKELY(!shim_real.shmctl))
		return (int)raw_to_libc(raw_syscall(SYS_shmctl, id, command, (long)buffer, 0, 0, 0));
	uint64_t before = hand(SYS_shmctl, (uint64_t)(int64_t)id);
	int result = shim_real.shmctl(id, command, buffer);
	shim_thread.handed = before;
	return result;
}

/* IPC_CREAT alone does not tell whether it created. Asked in two steps, the kernel does: same results, same errnos. */
static int get_or_create(key_t key, size_t size, int flags, uint32_t *record_flags)
{
	for (int i = 0; i < CREATE_TRIES; i++) {
		int id = next_shmget(key, size, flags & ~IPC_CREAT);
		if (id != -1 || errno != ENOENT)
			return id;
		id = next_shmget(key, size, flags | IPC_EXCL);
		if (id != -1)
			*record_flags |= RECORD_CREATED;
		if (id != -1 || errno != EEXIST)
			return id;
	}
	*record_flags |= RECORD_CREATED_UNKNOWN;
	return next_shmget(key, size, flags);
}

static ALWAYS_INLINE int get(key_t key, size_t size, int flags, uint32_t *record_flags)
{
	bool is_new = key == IPC_PRIVATE || (flags & IPC_CREAT && flags & IPC_EXCL);
	if (!is_new && flags & IPC_CREAT)
		return get_or_create(key, size, flags, record_flags);
	int id = next_shmget(key, size, flags);
	if (is_new && id != -1)
		*record_flags |= RECORD_CREATED;
	return id;
}

static bool is_disturbed(struct plan *plan, uint64_t seen)
{
	int error = errno;
	bool is = limit_disturbed(plan, seen);
	errno = error;
	return is;
}

/* A rule of somebody else may have a limit lowered or a mode taken at that moment: a call that failed has changed
 * nothing, and is made again while no other can do that. */
static ALWAYS_INLINE int get_undisturbed(key_t key, size_t size, int flags, uint32_t *record_flags)
{
	struct plan *plan = session_plan(shim_session);
	if (LIKELY(!plan))
		return get(key, size, flags, record_flags);
	uint64_t seen = limit_watch(plan);
	int id = get(key, size, flags, record_flags);
	bool may_be = id == -1 && (errno == ENOSPC || errno == EINVAL || errno == EACCES || errno == EEXIST);
	if (!may_be || !is_disturbed(plan, seen))
		return id;
	bool is_held = limit_enter(plan);
	id = get(key, size, flags, record_flags);
	if (is_held)
		limit_leave(plan);
	return id;
}

static void *at_undisturbed(int id, const void *address, int flags)
{
	struct plan *plan = session_plan(shim_session);
	uint64_t seen = plan ? limit_watch(plan) : 0;
	void *result = next_shmat(id, address, flags);
	if (LIKELY(!plan) || result != (void *)-1 || errno != EACCES || !is_disturbed(plan, seen))
		return result;
	bool is_held = limit_enter(plan);
	result = next_shmat(id, address, flags);
	if (is_held)
		limit_leave(plan);
	return result;
}

static int control_alone(struct plan *plan, int id, int command, struct shmid_ds *buffer)
{
	bool is_held = limit_enter(plan);
	int result = next_shmctl(id, command, buffer);
	if (is_held)
		limit_leave(plan);
	return result;
}

/* Who looked meanwhile saw a mode that is not the segment's; who sets it would give back what was taken. */
static int control_undisturbed(int id, int command, struct shmid_ds *buffer)
{
	struct plan *plan = session_plan(shim_session);
	int plain = shmctl_command(command);
	bool looks = plain == IPC_STAT || plain == SHM_STAT;
	if (LIKELY(!plan) || !plan->opens_window || (!looks && plain != IPC_SET))
		return next_shmctl(id, command, buffer);
	if (!looks)
		return control_alone(plan, id, command, buffer);
	uint64_t seen = limit_watch(plan);
	int result = next_shmctl(id, command, buffer);
	bool is_told = result != -1 || errno == EACCES;
	return is_told && is_disturbed(plan, seen) ? control_alone(plan, id, command, buffer) : result;
}

/* Which limit refused the call, what is in use and what the limit is: they may have changed when the report is made. */
static void detail_shmget(const struct watch *watch, struct record *record)
{
	struct shminfo limits = {0};
	struct shm_info use = {0};
	uint64_t size = watch->args[1], pages = (size + 4095) / 4096;
	if (!(record->flags & RECORD_FAILED) || record->flags & (RECORD_INJECTED | RECORD_WORLD) ||
	    (record->error != ENOSPC && record->error != EINVAL) ||
	    raw_syscall(SYS_shmctl, 0, IPC_INFO, (long)&limits, 0, 0, 0) < 0 ||
	    raw_syscall(SYS_shmctl, 0, SHM_INFO, (long)&use, 0, 0, 0) < 0)
		return;
	uint64_t detail[3] = {LIMIT_NONE};
	if (record->error == EINVAL && size > limits.shmmax)
		memcpy(detail, (uint64_t[]){LIMIT_SHMMAX, size, limits.shmmax}, sizeof detail);
	else if (record->error == ENOSPC && (uint64_t)use.used_ids >= limits.shmmni)
		memcpy(detail, (uint64_t[]){LIMIT_SHMMNI, (uint64_t)use.used_ids, limits.shmmni},
		       sizeof detail);
	else if (record->error == ENOSPC && use.shm_tot + pages > limits.shmall)
		memcpy(detail, (uint64_t[]){LIMIT_SHMALL, use.shm_tot, limits.shmall}, sizeof detail);
	memcpy(record->detail, detail, sizeof detail);
}

static void note_created(struct watch *watch, uint32_t flags)
{
	int error = *watch->error;
	struct record *record = append_result(&watch->entry);
	if (record)
		record->flags |= (uint16_t)flags;
	*watch->error = error;
}

APART static int watch_shmget(key_t key, size_t size, int flags, const struct registers *registers,
			      uint32_t record_flags)
{
	struct watch watch;
	watch_prepare(&watch, (uint64_t)(int64_t)key, size, (uint64_t)(int64_t)flags);
	uint32_t created = 0;
	watch_begin(&watch, CALL_SHMGET, record_flags, registers);
	int id = watch_makes_call(&watch) ? get_undisturbed(key, size, flags, &created) : -1;
	if (created & RECORD_CREATED) {
		ranges_learn(id, size);
		watch.origin.excused = watch_forges(&watch);
		book_segment_made(id, key, size, &watch.origin);
	}
	if (created & RECORD_CREATED_UNKNOWN && id == -1)
		created = 0;
	watch.only_looks = !created;
	if (UNLIKELY(created))
		note_created(&watch, created);
	return (int)watch_end(&watch, id, id == -1 ? detail_shmget : NULL);
}

EXPORT int shmget(key_t key, size_t size, int flags)
{
	struct registers registers;
	if (!shim_is_active())
		return next_shmget(key, size, flags);
	ARCH_CAPTURE(&registers);
	return watch_shmget(key, size, flags, &registers, 0);
}

static void detail_shmat(const struct watch *watch, struct record *record)
{
	if (record->result == -1 || record->flags & RECORD_INJECTED)
		return;
	record->detail[0] = ranges_size((int)watch->args[0]);
	ranges_add((uint64_t)record->result, record->detail[0]);
}

APART static void *watch_shmat(int id, const void *address, int flags, const struct registers *registers,
			       uint32_t record_flags)
{
	struct watch watch;
	watch_prepare(&watch, (uint64_t)(int64_t)id, (uintptr_t)address, (uint64_t)(int64_t)flags);
	watch_begin(&watch, CALL_SHMAT, record_flags, registers);
	void *result = watch_makes_call(&watch) ? at_undisturbed(id, address, flags) : (void *)-1;
	if (UNLIKELY(book_is_open()) && result != (void *)-1) {
		watch.origin.excused = watch_forges(&watch);
		if (flags & SHM_REMAP && !watch.origin.excused) /* it took the place of what was there */
			book_unmapped((uintptr_t)result, ranges_size(id));
		book_attached((uintptr_t)result, ranges_size(id), id, &watch.origin);
	}
	return (void *)watch_end(&watch, (intptr_t)result, detail_shmat);
}

EXPORT void *shmat(int id, const void *address, int flags)
{
	struct registers registers;
	if (!shim_is_active())
		return next_shmat(id, address, flags);
	ARCH_CAPTURE(&registers);
	return watch_shmat(id, address, flags, &registers, 0);
}

APART static int watch_shmdt(const void *address, const struct registers *registers, uint32_t record_flags)
{
	struct watch watch;
	watch_prepare(&watch, (uintptr_t)address, 0, 0);
	watch_begin(&watch, CALL_SHMDT, record_flags, registers);
	uint64_t before = book_moment();
	int result = watch_makes_call(&watch) ? next_shmdt(address) : -1;
	if (result == 0)
		book_detached((uintptr_t)address, before);
	else if (UNLIKELY(watch_forges(&watch)))
		book_attachment_excuse((uintptr_t)address);
	return (int)watch_end(&watch, result, NULL);
}

EXPORT int shmdt(const void *address)
{
	struct registers registers;
	if (!shim_is_active())
		return next_shmdt(address);
	ARCH_CAPTURE(&registers);
	return watch_shmdt(address, &registers, 0);
}

/* The kernel has read the buffer of a successful IPC_SET: so may we. */
static void detail_shmctl(const struct watch *watch, struct record *record)
{
	const struct shmid_ds *buffer = (const struct shmid_ds *)(uintptr_t)watch->args[2];
	if (record->result == -1 || record->flags & RECORD_INJECTED ||
	    shmctl_command((int)watch->args[1]) != IPC_SET)
		return;
	record->detail[0] = buffer->shm_perm.mode;
	record->detail[1] = buffer->shm_perm.uid;
	record->detail[2] = buffer->shm_perm.gid;
}

APART static int watch_shmctl(int id, int command, struct shmid_ds *buffer, const struct registers *registers,
			      uint32_t record_flags)
{
	struct watch watch;
	watch_prepare(&watch, (uint64_t)(int64_t)id, (uint64_t)(int64_t)command, (uintptr_t)buffer);
	watch_begin(&watch, CALL_SHMCTL, record_flags, registers);
	watch.only_looks = command == IPC_STAT;
	int result = watch_makes_call(&watch) ? control_undisturbed(id, command, buffer) : -1;
	if (UNLIKELY(watch_forges(&watch)) && shmctl_command(command) == IPC_RMID)
		book_segment_excuse(id);
	return (int)watch_end(&watch, result, detail_shmctl);
}

EXPORT int shmctl(int id, int command, struct shmid_ds *buffer)
{
	struct registers registers;
	if (!shim_is_active())
		return next_shmctl(id, command, buffer);
	ARCH_CAPTURE(&registers);
	return watch_shmctl(id, command, buffer, &registers, 0);
}

APART static long pass_raw_call(long number, long a, long b, long c)
{
	return raw_to_libc(raw_syscall(number, a, b, c, 0, 0, 0));
}

APART static long watch_raw_call(long number, long a, long b, long c, const struct registers *registers)
{
	if (shim_thread.handed == handed(number, (uint64_t)a))
		return pass_raw_call(number, a, b, c);
	switch (number) {
	case SYS_shmget:
		return watch_shmget((key_t)a, (size_t)b, (int)c, registers, RECORD_RAW);
	case SYS_shmat:
		return (long)watch_shmat((int)a, (const void *)b, (int)c, registers, RECORD_RAW);
	case SYS_shmdt:
		return watch_shmdt((const void *)a, registers, RECORD_RAW);
	default:
		return watch_shmctl((int)a, (int)b, (struct shmid_ds *)c, registers, RECORD_RAW);
	}
}

long shim_raw_call(long number, long a, long b, long c)
{
	struct registers registers;
	if (!shim_is_active())
		return pass_raw_call(number, a, b, c);
	ARCH_CAPTURE(&registers);
	return watch_raw_call(number, a, b, c, &registers);
}
