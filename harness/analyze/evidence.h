// SPDX-License-Identifier: MIT
// analysis: all that is known of one run besides its events; `run` gathers it, a kept log stores it.
#ifndef SHMCHECK_HARNESS_ANALYZE_EVIDENCE_H
#define SHMCHECK_HARNESS_ANALYZE_EVIDENCE_H

#include "kernel_table.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A process of the tree that the harness itself reaped (PROGRAM, and orphans that came to it). */
struct reaped {
	pid_t pid;
	int status; /* as waitpid(2) gives it */
	uint64_t time_ns; /* CLOCK_MONOTONIC */
};

/* A descendant that was alive after --linger. */
struct survivor {
	pid_t pid;
	char comm[17];
};

enum crash_source { CRASH_KERNEL_LOG, CRASH_TRACED };
enum { CRASH_REGISTERS = 17 }; /* by DWARF number; 16 is the pc */

/* How a process of the tree crashed, where that could be seen: by the kernel's log, or by ptrace(2). */
struct crash {
	pid_t pid, tid; /* tid 0: unknown */
	int signal;
	int code; /* si_code; SEGV_MAPERR and others; 0: unknown */
	enum crash_source source;
	bool has_address, has_registers;
	uint64_t address; /* si_addr, when the kernel gave one */
	uint64_t time_ns; /* CLOCK_MONOTONIC; 0: unknown */
	uint32_t stack; /* arena ref; 0: none */
	uint64_t registers[CRASH_REGISTERS]; /* CRASH_KERNEL_LOG: the pc alone */
};

enum isolation { ISOLATION_PRIVATE, ISOLATION_NONE };

struct evidence {
	char **argv; /* PROGRAM and its arguments, NULL-terminated; owned */
	pid_t program_pid;
	int program_status; /* as waitpid(2) gives it */
	bool timed_out; /* our deadline killed the tree */
	bool plain_preload; /* made without the harness: one witness only */
	bool is_command_unknown; /* argv is the program alone: its arguments were not noted */
	enum isolation isolation;
	char *isolation_why; /* why not private, and which setting forbids it; NULL; owned */
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC, of the whole run */
	int64_t wall_begin; /* seconds since the epoch: IPC times in the kernel's table are of this clock */
	struct kernel_table before; /* in the namespace that the program sees, before it started */
	struct kernel_table after; /* when the tree was dead or left alone */
	bool removes_orphans; /* kernel_removes_orphans, of the namespace that the program sees */
	struct kernel_table host; /* the host's before a private namespace hid it; else empty */
	struct reaped *reaped; /* owned */
	size_t reaped_count;
	struct crash *crashes; /* owned */
	size_t crash_count;
	struct survivor *survivors; /* owned */
	size_t survivor_count;
	uint64_t events; /* records drained */
	uint64_t lost_events; /* found no block in time */
	uint64_t lost_texts; /* strings, modules and stacks that the arena had no room for */
	uint64_t bad_records; /* scribbled: impossible state, event or ref */
	char **doubts; /* sentences: why the run is inconclusive; owned */
	size_t doubt_count;
	char **hints; /* sentences: what the verdict does not rest on, and yet should be known; owned */
	size_t hint_count;
	char **settings; /* options that the run was given and that change it: "--timeout=500ms"; owned */
	size_t setting_count;
	struct plan *plan; /* the rules with their counts at the end; NULL: none, or not kept; owned */
};

/* Adds a doubt (printf-like). Returns 0 or -ENOMEM. */
int evidence_doubt(struct evidence *evidence, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a hint. */
int evidence_hint(struct evidence *evidence, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a setting. */
int evidence_setting(struct evidence *evidence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a doubt for each kind of event that the log lacks: lost, or overwritten. Returns 0 or -ENOMEM. */
int evidence_doubt_log(struct evidence *evidence);

/* Appends REAPED. Returns 0 or -ENOMEM. */
int evidence_add_reaped(struct evidence *evidence, struct reaped reaped);

/* Appends a copy of CRASH. Returns 0 or -ENOMEM. */
int evidence_add_crash(struct evidence *evidence, const struct crash *crash);

/* The crash of PID that is known best; NULL: none is known. */
const struct crash *evidence_crash_of(const struct evidence *evidence, pid_t pid);

/* Whether PID is one of those that were alive after --linger. */
bool evidence_has_survivor(const struct evidence *evidence, pid_t pid);

/* Whether PROGRAM is known to have ended with status 0. */
bool evidence_ended_well(const struct evidence *evidence);

/* Frees all that EVIDENCE owns and zeroes it. */
void evidence_free(struct evidence *evidence);

#endif
