// SPDX-License-Identifier: MIT
// shim: calls that end an attachment without shmdt; all others pass with two compares.
#include "shim/append.h"
#include "shim/book.h"
#include "shim/ranges.h"
#include "shim/real.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>

/* Begun before the range goes: another thread may attach there as soon as it is gone. */
static struct entry begin_unmap(uint64_t address, uint64_t length, enum unmap_how how)
{
	struct entry entry = append_take(EVENT_UNMAP, 0);
	if (entry.record) {
		entry.record->args[0] = address;
		entry.record->args[1] = length;
		entry.record->args[2] = how;
		append_begin(&entry);
	}
	book_unmapped(address, length);
	return entry;
}

static void end_unmap(struct entry *entry, bool failed)
{
	int error = errno;
	struct record *record = append_result(entry);
	if (record) {
		record->result = failed ? -1 : 0;
		record->error = failed ? error : 0;
		record->flags |= failed ? RECORD_FAILED : 0;
		append_done(record);
	}
	errno = error;
}

static int next_munmap(void *address, size_t length)
{
	return LIKELY(shim_real.munmap)
		   ? shim_real.munmap(address, length)
		   : (int)raw_to_libc(raw_syscall(SYS_munmap, (long)address, (long)length, 0, 0, 0, 0));
}

static __attribute__((noinline)) int watched_munmap(void *address, size_t length)
{
	if (!shim_is_active())
		return next_munmap(address, length);
	struct entry entry = begin_unmap((uintptr_t)address, length, UNMAP_MUNMAP);
	int result = next_munmap(address, length);
	end_unmap(&entry, result != 0);
	return result;
}

EXPORT int munmap(void *address, size_t length)
{
	if (UNLIKELY(ranges_meet((uintptr_t)address, length)))
		return watched_munmap(address, length);
	return next_munmap(address, length);
}

static void *next_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return LIKELY(shim_real.mmap) ? shim_real.mmap(address, length, protection, flags, fd, offset)
				      : (void *)raw_to_libc(raw_syscall(SYS_mmap, (long)address, (long)length,
									protection, flags, fd, offset));
}

static __attribute__((noinline)) void *watched_mmap(void *address, size_t length, int protection, int flags,
						    int fd, off_t offset)
{
	if (!shim_is_active())
		return next_mmap(address, length, protection, flags, fd, offset);
	struct entry entry = begin_unmap((uintptr_t)address, length, UNMAP_MMAP);
	void *result = next_mmap(address, length, protection, flags, fd, offset);
	end_unmap(&entry, result == MAP_FAILED);
	return result;
}

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (UNLIKELY(flags & MAP_FIXED && ranges_meet((uintptr_t)address, length)))
		return watched_mmap(address, length, protection, flags, fd, offset);
	return next_mmap(address, length, protection, flags, fd, offset);
}

/* off_t has 64 bits on every machine that we are built for. */
EXPORT void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return mmap(address, length, protection, flags, fd, offset);
}

static void *next_mremap(void *address, size_t old_length, size_t length, int flags, void *to)
{
	return shim_real.mremap ? shim_real.mremap(address, old_length, length, flags, to)
				: (void *)raw_to_libc(raw_syscall(SYS_mremap, (long)address, (long)old_length,
								  (long)length, flags, (long)to, 0));
}

/* Moving an attachment away ends it where it was; where it comes to, something may have been. */
static __attribute__((noinline)) void *watched_mremap(void *address, size_t old_length, size_t length,
						      int flags, void *to)
{
	struct entry from = {0}, over = {0};
	if (old_length && ranges_meet((uintptr_t)address, old_length)) /* of 0 bytes, it makes a second one */
		from = begin_unmap((uintptr_t)address, old_length, UNMAP_MMAP);
	if (flags & MREMAP_FIXED && ranges_meet((uintptr_t)to, length))
		over = begin_unmap((uintptr_t)to, length, UNMAP_MMAP);
	void *result = next_mremap(address, old_length, length, flags, to);
	bool stays = result == address || flags & MREMAP_DONTUNMAP;
	end_unmap(&over, result == MAP_FAILED);
	end_unmap(&from, result == MAP_FAILED || stays);
	return result;
}

EXPORT void *mremap(void *address, size_t old_length, size_t length, int flags, ...)
{
	va_list arguments;
	va_start(arguments, flags);
	void *to = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
	va_end(arguments);
	bool is_met = ranges_meet((uintptr_t)address, old_length) ||
		      (flags & MREMAP_FIXED && ranges_meet((uintptr_t)to, length));
	if (LIKELY(!is_met) || !shim_is_active())
		return next_mremap(address, old_length, length, flags, to);
	return watched_mremap(address, old_length, length, flags, to);
}
