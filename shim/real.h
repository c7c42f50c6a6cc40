// SPDX-License-Identifier: MIT
// shim: the functions that ours stand in front of.
#ifndef SHMCHECK_SHIM_REAL_H
#define SHMCHECK_SHIM_REAL_H

#include <dlfcn.h>
#include <link.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

pid_t _Fork(void);

/* The same function under each of its versions, which differ in what the program brings along. */
int __libc_start_main(int (*program)(int, char **, char **), int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

/* One word a function: looked up in this order. All but clock_gettime are exported under these names: ours must not
 * be the one that a sanitizer puts in front of libc's. */
/* clang-format off */
#define REAL_FUNCTIONS(X) \
	X(ftok) X(shmget) X(shmat) X(shmdt) X(shmctl) \
	X(munmap) X(mmap) X(mmap64) X(mremap) X(syscall) X(dlopen) X(dlclose) \
	X(fork) X(_Fork) X(vfork) X(clone) \
	X(execve) X(execvpe) X(fexecve) X(execveat) X(posix_spawn) X(posix_spawnp) X(system) X(popen) \
	X(_exit) X(_Exit) X(quick_exit) X(sleep) X(usleep) X(nanosleep) X(clock_nanosleep) \
	X(unshare) X(setns) X(getppid) X(__libc_start_main) X(clock_gettime) X(dl_iterate_phdr)
/* clang-format on */

struct real {
#define REAL_SLOT(name) __typeof__(&name) name;
	REAL_FUNCTIONS(REAL_SLOT)
#undef REAL_SLOT
};

/* Filled by real_find; a function that libc does not have stays NULL. */
extern struct real shim_real;

/* Looks all of them up, once; safe from any thread at any time. While it is under way the slots may be empty: the
 * wrappers then fall back to the system call. */
void real_find(void);

#endif
