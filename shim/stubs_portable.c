// SPDX-License-Identifier: MIT
// shim: what stands in for the stubs of an architecture that has none: slower, and it sees less. dlopen, vfork, clone and
// syscall are libc's own there: modules loaded with RTLD_DEEPBIND and raw system calls are not seen, and ids are asked for
// each time, since a child may run on our memory.
#include "shim/arch.h"

#if defined(ARCH_PORTABLE)

#include "shim/raw_syscall.h"
#include <errno.h>
#include <unistd.h>

long portable_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	int saved = errno;
	long result = syscall(number, a, b, c, d, e, f);
	if (result == -1)
		result = -errno;
	errno = saved;
	return result;
}

#endif
