// SPDX-License-Identifier: MIT
// shim: functions that must leave the caller's frame and return address as they are: aarch64.
#include "shim/arch.h"

#if defined(ARCH_AARCH64)

#include "shim/calls.h"
#include "shim/real.h"
#include "shim/shim.h"

#include <sys/syscall.h>

/* Where to jump, and what to leave of the second argument. Returned in x0 and x1. */
struct jump {
	uintptr_t target, mask;
};

#define HELPER __attribute__((visibility("hidden"), used))

HELPER struct jump stub_vfork(void);
HELPER struct jump stub_clone(void);
HELPER struct jump stub_dlopen(void);
HELPER struct jump stub_syscall(long number);
HELPER struct jump stub___libc_start_main(void);

static struct jump to(uintptr_t target)
{
	return (struct jump){target, ~(uintptr_t)0};
}

static void find(const void *function)
{
	if (!function)
		real_find();
}

/* A child is about to borrow this thread's memory: it asks for its ids, and so do we afterwards. */
struct jump stub_vfork(void)
{
	find((const void *)shim_real.vfork);
	shim_thread.tid = 0;
	return to((uintptr_t)shim_real.vfork);
}

/* The child may run beside us. */
struct jump stub_clone(void)
{
	find((const void *)shim_real.clone);
	shim_thread.tid = 0;
	shim_thread.is_shared = 1;
	return to((uintptr_t)shim_real.clone);
}

/* ld.so takes the caller's search path from the return address. RTLD_DEEPBIND would bind the module past us. */
struct jump stub_dlopen(void)
{
	find((const void *)shim_real.dlopen);
	struct jump jump = to((uintptr_t)shim_real.dlopen);
	if (shim_session)
		jump.mask = ~(uintptr_t)RTLD_DEEPBIND;
	return jump;
}

/* No fork server here. */
struct jump stub___libc_start_main(void)
{
	find((const void *)shim_real.__libc_start_main);
	return to((uintptr_t)shim_real.__libc_start_main);
}

struct jump stub_syscall(long number)
{
	find((const void *)shim_real.syscall);
	if (number == SYS_shmget || number == SYS_shmat || number == SYS_shmdt || number == SYS_shmctl)
		return to((uintptr_t)shim_raw_call);
	if (number == SYS_clone || number == SYS_clone3)
		shim_thread.tid = 0, shim_thread.is_shared = 1;
	return to((uintptr_t)shim_real.syscall);
}

/* Keeps the arguments and the return address, asks the helper where to go, and jumps. */
#define STUB(name)                                                                                           \
	__asm__(".text\n\t.p2align 4\n\t.globl " #name "\n\t.type " #name ", %function\n" #name ":\n\t"      \
		".cfi_startproc\n\thint #34\n\t"                                                             \
		"stp x29, x30, [sp, #-80]!\n\t.cfi_def_cfa_offset 80\n\t"                                    \
		".cfi_offset 29, -80\n\t.cfi_offset 30, -72\n\t"                                             \
		"stp x0, x1, [sp, #16]\n\tstp x2, x3, [sp, #32]\n\t"                                         \
		"stp x4, x5, [sp, #48]\n\tstp x6, x7, [sp, #64]\n\t"                                         \
		"bl stub_" #name "\n\t"                                                                      \
		"mov x16, x0\n\tmov x17, x1\n\t"                                                             \
		"ldp x0, x1, [sp, #16]\n\tldp x2, x3, [sp, #32]\n\t"                                         \
		"ldp x4, x5, [sp, #48]\n\tldp x6, x7, [sp, #64]\n\t"                                         \
		"ldp x29, x30, [sp], #80\n\t.cfi_def_cfa_offset 0\n\t.cfi_restore 29\n\t.cfi_restore 30\n\t" \
		"and x1, x1, x17\n\tbr x16\n\t"                                                              \
		".cfi_endproc\n\t.size " #name ", . - " #name "\n")

STUB(vfork);
STUB(clone);
STUB(dlopen);
STUB(syscall);
STUB(__libc_start_main);

#endif
