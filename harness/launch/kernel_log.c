// SPDX-License-Identifier: MIT
// launch: fault addresses from the kernel's log, where it may be read.
#include "kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, PROTECTION = 1, REGISTER_PC = 16 };

/* The inode of the first PID namespace (PROC_PID_INIT_INO of linux/proc_ns.h): there pids are as the log has them. */
static const char first_namespace[] = "pid:[4026531836]";

static bool sees_first_pids(void)
{
	char name[32];
	ssize_t length = readlink("/proc/self/ns/pid", name, sizeof name);
	return length == (ssize_t)strlen(first_namespace) &&
	       memcmp(name, first_namespace, (size_t)length) == 0;
}

static bool logs_faults(void)
{
	char value = '0';
	int fd = open("/proc/sys/debug/exception-trace", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, &value, 1) : 0;
	if (fd >= 0)
		close(fd);
	return got == 1 && value != '0';
}

int kernel_log_open(void)
{
	if (!sees_first_pids() || !logs_faults())
		return -1;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void kernel_log_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* The last place: a name may hold anything, but is too short to hold this. */
static const char *last_mark(const char *line, const char *mark)
{
	const char *found = NULL;
	for (const char *next = line; (next = strstr(next, mark)); next++)
		found = next;
	return found;
}

/* "6,344,536447317,-;comm[pid]: segfault at ADDR ip IP sp SP error E in …" (arch/x86/mm/fault.c, show_signal_msg) */
static bool parse(const char *line, struct crash *ret_crash)
{
	const char *mark = last_mark(line, "]: segfault at ");
	struct crash crash = {.signal = SIGSEGV, .source = CRASH_KERNEL_LOG, .has_address = true};
	unsigned long error;
	if (!mark)
		return false;
	const char *digits = mark;
	while (digits > line && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (digits == line || digits[-1] != '[' || sscanf(digits, "%d", &crash.pid) != 1 ||
	    sscanf(mark, "]: segfault at %lx ip %lx sp %*x error %lx", &crash.address,
		   &crash.registers[REGISTER_PC], &error) != 3)
		return false;
	crash.code = error & PROTECTION ? SEGV_ACCERR : SEGV_MAPERR;
	*ret_crash = crash;
	return true;
}

/* The module of ARENA that holds PC; 0: none, or modules of different files could. */
static uint32_t module_at(const struct arena *arena, uint64_t size, uint64_t pc)
{
	uint32_t found = 0;
	for (unsigned i = 0; i < ARENA_SLOTS; i++) {
		const struct module_entry *module = arena_module(arena, size, arena->slots[i]);
		if (!module || pc < module->start || pc >= module->end)
			continue;
		if (found)
			return 0;
		found = arena->slots[i];
	}
	return found;
}

static uint32_t frame_at(struct arena *arena, uint64_t size, uint64_t pc)
{
	struct {
		struct stack_entry entry;
		uint32_t module;
	} stack = {.entry = {.valid = 1U << REGISTER_PC, .modules = 1, .flags = STACK_TRUNCATED}};
	stack.module = module_at(arena, size, pc);
	stack.entry.registers[REGISTER_PC] = pc;
	if (!stack.module)
		return 0;
	return arena_intern(arena, ARENA_STACK, &stack, sizeof stack.entry + sizeof stack.module);
}

/* Whoever has that pid now, or had it before: ours did not die of this. */
static bool has_ended_otherwise(const struct evidence *evidence, const struct crash *crash)
{
	for (size_t i = 0; i < evidence->reaped_count; i++) {
		int status = evidence->reaped[i].status;
		if (evidence->reaped[i].pid == crash->pid)
			return !WIFSIGNALED(status) || WTERMSIG(status) != crash->signal;
	}
	return false;
}

int kernel_log_tell(int fd, struct arena *arena, uint64_t size, struct evidence *evidence)
{
	char line[LINE_MAX_BYTES];
	int code = 0;
	while (fd >= 0 && !code) {
		ssize_t length = read(fd, line, sizeof line - 1);
		struct crash crash;
		if (length < 0 && errno == EPIPE) /* overwritten before we came: what is left is newer */
			continue;
		if (length <= 0)
			break;
		line[length] = '\0';
		if (!parse(line, &crash) || has_ended_otherwise(evidence, &crash))
			continue;
		crash.stack = frame_at(arena, size, crash.registers[REGISTER_PC]);
		code = evidence_add_crash(evidence, &crash);
	}
	return code;
}
