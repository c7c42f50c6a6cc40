// SPDX-License-Identifier: MIT
// shim: the API's book against the kernel's tables: what was not seen, and what is left.
#include "shim/book_entry.h"
#include "shim/book_kernel.h"

#include <errno.h>
#include <string.h>

enum { REMOVED = 01000 /* SHM_DEST of linux/shm.h */ };

/* Atomic; numbers the comparisons of this address space. Only one is under way at a time. */
static uint32_t round_now;

/* The process of ours that has PID; 0: none. The latest one, since pids come again. */
static uint32_t process_by_pid(int pid)
{
	uint32_t last = __atomic_load_n(&shim_book->last_process, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < BOOK_PROCESSES && i < last; i++) {
		const struct book_process *process = &shim_book->processes[(last - i) % BOOK_PROCESSES];

		if (__atomic_load_n(&process->pid, __ATOMIC_ACQUIRE) == pid && process->serial == last - i)
			return process->serial;
	}
	return 0;
}

/* Whether PROCESS is ANCESTOR, or descends from it. */
static bool descends(uint32_t process, uint32_t ancestor)
{
	for (uint32_t i = 0; process && i < BOOK_PROCESSES; i++) {
		const struct book_process *entry = &shim_book->processes[process % BOOK_PROCESSES];

		if (process == ancestor)
			return true;
		process = entry->serial == process ? entry->parent : 0;
	}
	return false;
}

/* The entry of a segment that the kernel has; made now when no call of ours told of it. */
static struct book_segment segment_of(int shmid, const struct shmid_ds *state)
{
	struct book_segment entry;

	if (book_segment_read(shmid, &entry))
		return entry;
	entry = (struct book_segment){.shmid = shmid,
				      .key = state->shm_perm.__key,
				      .pid = state->shm_cpid,
				      .process = process_by_pid(state->shm_cpid),
				      .bytes = state->shm_segsz,
				      .moment = book_now()};
	book_segment_write(&entry);
	return entry;
}

static void see_attachment(void *context, uint64_t address, uint64_t bytes, int shmid)
{
	struct book_attachment *entry = book_attachment_at(address);
	struct book_origin unseen = {0};

	(void)context;
	if (!entry || entry->shmid != shmid) {
		book_attached(address, bytes, shmid, &unseen);
		entry = book_attachment_at(address);
	}
	if (entry)
		entry->round = round_now;
}

/* Forgets what the kernel does not have any more: removed by others, or left behind in another namespace. */
static void forget_gone(void)
{
	struct shmid_ds state;

	for (uint32_t i = 0; i < BOOK_SEGMENTS / 64; i++) {
		uint64_t bits = __atomic_load_n(&shim_book->used[i], __ATOMIC_ACQUIRE);

		for (; bits; bits &= bits - 1) {
			int shmid = shim_book->segments[i * 64 + (uint32_t)__builtin_ctzll(bits)].shmid;

			if (shmid >= 0 && !kernel_has(shmid, &state))
				book_segment_forget(shmid);
		}
	}
}

void book_compare(void)
{
	struct kernel_walk walk;
	struct shmid_ds state;
	int shmid;

	forget_gone();
	kernel_walk_begin(&walk);
	while (kernel_walk_next(&walk, &shmid, &state))
		segment_of(shmid, &state);
	round_now++;
	if (kernel_attachments(see_attachment, NULL))
		return;
	for (unsigned i = 0; i < BOOK_ATTACHMENTS; i++) /* no /proc here: the calls are all that is known */
		book_attachments[i].round = round_now;
}

static bool is_meant_to_stay(int32_t key)
{
	uint32_t count = __atomic_load_n(&shim_book->key_count, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; key && i < count && i < BOOK_KEYS; i++)
		if (shim_book->keys[i] == key)
			return true;
	return false;
}

int book_expect_persistent(int32_t key)
{
	if (key == IPC_PRIVATE)
		return -EINVAL;
	if (is_meant_to_stay(key))
		return 0;
	if (shim_book->key_count >= BOOK_KEYS)
		return -ENOSPC;
	shim_book->keys[shim_book->key_count] = key;
	__atomic_add_fetch(&shim_book->key_count, 1, __ATOMIC_RELEASE);
	return 0;
}

/* The leaks that were found, as far as there is room. */
struct found {
	struct shmcheck_leak *leaks;
	size_t room, count;
};

static void add(struct found *found, const struct shmcheck_leak *leak)
{
	if (found->count < found->room)
		found->leaks[found->count] = *leak;
	found->count++;
}

static void find_segments(uint64_t moment, uint32_t serial, struct found *found)
{
	struct kernel_walk walk;
	struct shmid_ds state;
	int shmid;

	kernel_walk_begin(&walk);
	while (kernel_walk_next(&walk, &shmid, &state)) {
		struct book_segment entry = segment_of(shmid, &state);

		if (entry.moment <= moment || entry.origin.excused || state.shm_perm.mode & REMOVED ||
		    !descends(entry.process, serial) || is_meant_to_stay(state.shm_perm.__key))
			continue;
		add(found, &(struct shmcheck_leak){.kind = SHMCHECK_SEGMENT,
						   .shmid = shmid,
						   .key = state.shm_perm.__key,
						   .pid = entry.pid,
						   .bytes = state.shm_segsz,
						   .attached = state.shm_nattch,
						   .caller = (const void *)entry.origin.caller,
						   .stack = entry.origin.stack});
	}
}

static void find_attachments(uint64_t moment, struct found *found)
{
	for (unsigned i = 0; i < BOOK_ATTACHMENTS; i++) {
		const struct book_attachment *entry = &book_attachments[i];
		uint64_t address = __atomic_load_n(&entry->address, __ATOMIC_ACQUIRE);

		if (address <= BOOK_TAKEN || entry->moment <= moment || entry->origin.excused ||
		    entry->round != round_now)
			continue;
		add(found, &(struct shmcheck_leak){.kind = SHMCHECK_ATTACHMENT,
						   .shmid = entry->shmid,
						   .pid = shim_identity.pid,
						   .bytes = entry->bytes,
						   .address = (void *)address,
						   .caller = (const void *)entry->origin.caller,
						   .stack = entry->origin.stack});
	}
}

int book_leaks(uint64_t moment, uint32_t serial, struct shmcheck_leak *leaks, size_t room)
{
	struct found found = {.leaks = leaks, .room = room};

	book_compare();
	find_segments(moment, serial, &found);
	find_attachments(moment, &found);
	return (int)found.count;
}
