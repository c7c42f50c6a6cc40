// SPDX-License-Identifier: MIT
// shim: how far above the stack pointer memory may be read.
#include "shim/stack_reach.h"
#include "shim/raw_syscall.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { PAGE = 4096 }; /* the smallest there is: on larger ones it is only looked at more often */

/* A deeper first call than this is treated as one on an unknown stack. */
static const uintptr_t reach_max = 8 << 20;

/* By ld.so: the stack pointer at the entry of the program, below argv. _start's frame is the last below it. */
extern void *__libc_stack_end;

/* The part of this thread's first stack that is known to be mapped without a hole. It only grows downwards, a page
 * is looked at once. low is written before high: a signal handler between the two sees an empty range. */
static _Thread_local struct {
	uintptr_t low, high;
	uintptr_t foreign; /* a page that was found to belong to another stack; 0: none */
} own;

bool reach_by_copy;

/* The kernel reads the set before it looks at `how`: EFAULT or EINVAL, and nothing happens. No sandbox forbids
 * this call, unlike process_vm_readv. */
static bool is_page_readable(uintptr_t address)
{
	long page = (long)(address & ~(uintptr_t)(PAGE - 1));

	return raw_syscall(SYS_rt_sigprocmask, ~0L, page, 0, 8, 0, 0) == -EINVAL;
}

bool is_readable(uintptr_t address)
{
	char byte;

	return reach_by_copy ? stack_copy(&byte, address, 1) == 1 : is_page_readable(address);
}

bool is_readable_since(uintptr_t address, uintptr_t *page)
{
	uintptr_t mine = address & ~(uintptr_t)(PAGE - 1);

	if (mine != *page && !is_readable(address))
		return false;
	*page = mine;
	return true;
}

bool is_text_readable(const char *text, uintptr_t *page)
{
	while (is_readable_since((uintptr_t)text, page)) {
		size_t bytes = PAGE - (uintptr_t)text % PAGE;
		if (memchr(text, '\0', bytes))
			return true;
		text += bytes;
	}
	return false;
}

static bool is_mapped(uintptr_t from, uintptr_t to)
{
	for (uintptr_t page = from; page < to; page += PAGE) {
		if (!is_readable(page))
			return false;
	}
	return true;
}

/* A thread's control block lies at the top of its stack's mapping (also with pthread_attr_setstack). The main
 * thread's does not: other mappings may follow each other up to there. */
static uintptr_t top_of(uintptr_t sp)
{
	uintptr_t main_top = (uintptr_t)__libc_stack_end;

	if (sp < main_top && main_top - sp <= reach_max)
		return main_top;
#if defined(__x86_64__)
	uintptr_t thread = (uintptr_t)__builtin_thread_pointer();
	if (sp < thread && thread - sp <= reach_max &&
	    raw_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0) != raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0))
		return thread;
#endif
	return 0;
}

static uintptr_t learn(uintptr_t sp)
{
	uintptr_t page = sp & ~(uintptr_t)(PAGE - 1);
	uintptr_t top = page == own.foreign ? 0 : top_of(sp);

	if (top != 0 && is_mapped(page, top == own.high && page < own.low ? own.low : top)) {
		if (top == own.high && page >= own.low) /* a handler learned more meanwhile */
			return top;
		own.low = page;
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		own.high = top;
		return top;
	}
	own.foreign = page;
	return 0;
}

uintptr_t stack_reach(uintptr_t sp)
{
	if (sp >= own.low && sp < own.high)
		return own.high;
	return learn(sp);
}

uint32_t stack_copy(void *to, uintptr_t address, uint32_t bytes)
{
	struct iovec local = {.iov_base = to, .iov_len = bytes};
	struct iovec remote = {.iov_base = (void *)address, .iov_len = bytes};
	long self = raw_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0);
	long got = raw_syscall(SYS_process_vm_readv, self, (long)&local, 1, (long)&remote, 1, 0);

	if (got >= 0)
		return (uint32_t)got;
	/* Forbidden here: the rest of the page is there when its beginning is. */
	if (got == -EFAULT || !is_page_readable(address))
		return 0;
	uint32_t rest = PAGE - (uint32_t)(address % PAGE);
	if (rest > bytes)
		rest = bytes;
	memcpy(to, (const void *)address, rest);
	return rest;
}
