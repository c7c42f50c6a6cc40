// SPDX-License-Identifier: MIT
// shim: the API's book: what this process and those that it forked have made, as their calls say it.
#include "shim/book.h"

#include "shim/book_entry.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

struct book *shim_book;

/* Of this address space, and so in its own memory: a forked child has them too. */
struct book_attachment book_attachments[BOOK_ATTACHMENTS];
static uint32_t attachments_used; /* atomic: no entry from here on was ever taken */

static struct book *the_book(void)
{
	return __atomic_load_n(&shim_book, __ATOMIC_ACQUIRE);
}

int book_open(uint32_t serial, int pid)
{
	long memory = raw_syscall(SYS_mmap, 0, sizeof(struct book), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (raw_failed(memory))
		return -ENOMEM;
	__atomic_store_n(&shim_book, (struct book *)memory, __ATOMIC_RELEASE);
	book_child(serial, 0, pid);
	return 0;
}

void book_child(uint32_t serial, uint32_t parent, int pid)
{
	struct book *book = the_book();
	struct book_process *process = book ? &book->processes[serial % BOOK_PROCESSES] : NULL;
	uint32_t last;

	if (!process)
		return;
	process->serial = serial;
	process->parent = parent;
	__atomic_store_n(&process->pid, pid, __ATOMIC_RELEASE);
	last = __atomic_load_n(&book->last_process, __ATOMIC_RELAXED);
	while (last < serial && !__atomic_compare_exchange_n(&book->last_process, &last, serial, true,
							     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		continue;
}

uint64_t book_moment(void)
{
	struct book *book = the_book();

	return book ? __atomic_load_n(&book->moment, __ATOMIC_RELAXED) : 0;
}

uint64_t book_now(void)
{
	return __atomic_add_fetch(&the_book()->moment, 1, __ATOMIC_RELAXED);
}

static struct book_segment *segment_slot(struct book *book, int shmid)
{
	return &book->segments[(uint32_t)shmid % BOOK_SEGMENTS];
}

/* False when somebody else has written there since VERSION: the kernel gives an index to one segment at a time, so that
 * ours is gone again. */
static bool write_slot(struct book_segment *slot, uint32_t version, const struct book_segment *entry)
{
	if (version & 1 || !__atomic_compare_exchange_n(&slot->version, &version, version + 1, false,
							__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return false;
	memcpy(&slot->shmid, &entry->shmid, sizeof(*entry) - offsetof(struct book_segment, shmid));
	__atomic_store_n(&slot->version, version + 2, __ATOMIC_RELEASE);
	return true;
}

bool book_segment_write(const struct book_segment *entry)
{
	uint32_t index = (uint32_t)entry->shmid % BOOK_SEGMENTS;
	struct book_segment *slot;

	__atomic_fetch_or(&the_book()->used[index / 64], UINT64_C(1) << index % 64, __ATOMIC_RELEASE);
	slot = segment_slot(the_book(), entry->shmid);
	return write_slot(slot, __atomic_load_n(&slot->version, __ATOMIC_RELAXED), entry);
}

bool book_segment_read(int shmid, struct book_segment *ret_entry)
{
	struct book_segment *slot = segment_slot(the_book(), shmid);
	uint32_t version = __atomic_load_n(&slot->version, __ATOMIC_ACQUIRE);
	struct book_segment copy;

	if (version == 0 || version & 1)
		return false;
	memcpy(&copy, slot, sizeof(copy));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (__atomic_load_n(&slot->version, __ATOMIC_RELAXED) != version || copy.shmid != shmid)
		return false;
	*ret_entry = copy;
	return true;
}

void book_segment_made(int shmid, int32_t key, uint64_t bytes, const struct book_origin *origin)
{
	struct book_segment entry = {.shmid = shmid, .key = key, .bytes = bytes, .origin = *origin};

	if (!the_book())
		return;
	entry.pid = (int32_t)raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	entry.process = shim_identity.serial;
	entry.moment = book_now();
	book_segment_write(&entry);
}

void book_segment_forget(int shmid)
{
	const struct book_segment nobody = {.shmid = -1};
	struct book_segment *slot = the_book() ? segment_slot(the_book(), shmid) : NULL;
	uint32_t version = slot ? __atomic_load_n(&slot->version, __ATOMIC_ACQUIRE) : 0;

	if (version && slot->shmid == shmid)
		write_slot(slot, version, &nobody);
}

void book_segment_excuse(int shmid)
{
	struct book_segment entry;

	if (!the_book() || !book_segment_read(shmid, &entry))
		return;
	entry.origin.excused = true;
	book_segment_write(&entry);
}

/* A free entry, taken; NULL when there is none: the kernel's table of mappings has it all the same. */
static struct book_attachment *take_attachment(void)
{
	for (uint32_t i = 0; i < BOOK_ATTACHMENTS; i++) {
		uint64_t nobody = 0;
		struct book_attachment *entry = &book_attachments[i];
		uint32_t used = __atomic_load_n(&attachments_used, __ATOMIC_RELAXED);

		if (!__atomic_compare_exchange_n(&entry->address, &nobody, BOOK_TAKEN, false,
						 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			continue;
		while (used <= i && !__atomic_compare_exchange_n(&attachments_used, &used, i + 1, true,
								 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			continue;
		return entry;
	}
	return NULL;
}

void book_attached(uint64_t address, uint64_t bytes, int shmid, const struct book_origin *origin)
{
	struct book_attachment *entry;

	if (!the_book())
		return;
	book_detached(address, UINT64_MAX); /* SHM_REMAP, or an end that nobody saw */
	entry = take_attachment();
	if (!entry)
		return;
	entry->bytes = bytes;
	entry->shmid = shmid;
	entry->origin = *origin;
	entry->moment = book_now();
	__atomic_store_n(&entry->address, address, __ATOMIC_RELEASE);
}

struct book_attachment *book_attachment_at(uint64_t address)
{
	uint32_t used = __atomic_load_n(&attachments_used, __ATOMIC_RELAXED);

	for (uint32_t i = 0; i < used; i++)
		if (__atomic_load_n(&book_attachments[i].address, __ATOMIC_ACQUIRE) == address)
			return &book_attachments[i];
	return NULL;
}

void book_detached(uint64_t address, uint64_t before)
{
	struct book_attachment *entry = the_book() ? book_attachment_at(address) : NULL;

	if (entry && entry->moment <= before)
		__atomic_store_n(&entry->address, 0, __ATOMIC_RELEASE);
}

void book_attachment_excuse(uint64_t address)
{
	struct book_attachment *entry = the_book() ? book_attachment_at(address) : NULL;

	if (entry)
		entry->origin.excused = true;
}

void book_unmapped(uint64_t address, uint64_t length)
{
	uint32_t used = __atomic_load_n(&attachments_used, __ATOMIC_RELAXED);

	for (uint32_t i = 0; the_book() && i < used; i++) {
		uint64_t at = __atomic_load_n(&book_attachments[i].address, __ATOMIC_ACQUIRE);

		if (at > BOOK_TAKEN && at - address < length)
			__atomic_store_n(&book_attachments[i].address, 0, __ATOMIC_RELEASE);
	}
}
