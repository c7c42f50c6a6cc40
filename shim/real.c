// SPDX-License-Identifier: MIT
// shim: the functions that ours stand in front of.
#include "shim/real.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>

/* Weak: the library still loads with an older glibc. */
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

/* Each word is written once, with the same value by whoever comes first. */
struct real shim_real __attribute__((visibility("hidden")));

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define REAL_ROW(name) {#name, offsetof(struct real, name)},
    REAL_FUNCTIONS(REAL_ROW)
#undef REAL_ROW
};

/* dlsym tells by its return address who asks: it must never become a jump. */
static __attribute__((noinline)) void *next(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);
	__asm__ volatile("" ::: "memory");
	return found;
}

static const void *object_of(const void *address)
{
	struct dl_find_object found;
	bool is_known = _dl_find_object && _dl_find_object((void *)(uintptr_t)address, &found) == 0;
	return is_known ? found.dlfo_link_map : NULL;
}

/* Stamps are compared with those of other processes and of the harness: a clock that somebody has put in front of
 * libc's (libfaketime, a sanitizer) is none of ours. Without a function the kernel is asked. */
static void refuse_other_clock(void)
{
	if (object_of((const void *)shim_real.clock_gettime) != object_of((const void *)&getauxval))
		__atomic_store_n(&shim_real.clock_gettime, NULL, __ATOMIC_RELEASE);
}

void real_find(void)
{
	static uint32_t
	    under_way; /* atomic: a miss in dlsym allocates, and an allocator may call what we wrap */
	if (__atomic_exchange_n(&under_way, 1, __ATOMIC_ACQUIRE))
		return;
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
		void **slot = (void **)((char *)&shim_real + functions[i].offset);
		if (!__atomic_load_n(slot, __ATOMIC_RELAXED))
			__atomic_store_n(slot, next(functions[i].name), __ATOMIC_RELEASE);
	}
	refuse_other_clock();
	__atomic_store_n(&under_way, 0, __ATOMIC_RELEASE);
}
