// SPDX-License-Identifier: MIT
// report: a finding told in full: names instead of references, so that it outlives the run's books.
#ifndef SHMCHECK_HARNESS_REPORT_TOLD_H
#define SHMCHECK_HARNESS_REPORT_TOLD_H

#include "harness/analyze/evidence.h"
#include "harness/analyze/finding.h"
#include "harness/analyze/ledger.h"
#include "harness/analyze/stack.h"
#include "keep.h"

/* The books of one run: what the references in its findings and records point into. Nothing is owned. */
struct books {
	const struct ledger *ledger;
	struct stacks *stacks;
	const struct arena *arena;
	uint64_t arena_size;
};

/* Strings here are bytes as the program gave them (UTF-8 or not, control characters, anything): each format makes
 * them safe in its own way. NULL: unknown. */

struct told_stack {
	const struct frame *frames; /* innermost first */
	size_t count; /* 0: no stack was kept */
	bool complete, truncated; /* as in struct stack */
};

struct told_call {
	bool known; /* false: there is none */
	const char *text; /* "shmctl(3, IPC_RMID) = -1 EPERM (INJECTED)" */
	const char *name; /* "shmctl" */
	const char *process; /* "main (ipcmk, pid 42)" */
	const char *role, *comm;
	int pid, tid;
	int error; /* errno; 0 */
	bool injected, world;
	uint32_t rule; /* of the plan, from 1, that acted; 0: none */
	struct told_stack stack;
};

struct told_segment {
	struct segment facts; /* the numbers; its records are told below */
	const char *creator; /* "main (ipcmk, pid 42)" */
	const char *ftok_path;
	struct told_call creation, removal, last_failed_removal;
};

/* Where to look: a source line, or else a binary and an offset in it; both NULL: nothing is known. */
struct location {
	const char *file;
	int line; /* from 1; 0: unknown */
	const char *function;
	const char *object;
	const char *build_id; /* hex */
	uint64_t offset;
};

/* How a process ended by its own fault. */
struct told_crash {
	const char *process; /* "main (ipcmk, pid 42)" */
	const char *role, *comm;
	const char *status; /* "died of SIGSEGV" */
	int pid, tid; /* tid 0: unknown */
	int signal;
	bool has_address;
	uint64_t address;
	struct told_stack stack;
	const struct told_call *calls; /* its last ones, oldest first */
	size_t call_count;
};

/* Why a finding does not count. */
enum known_as { KNOWN_NOT, KNOWN_SUPPRESSED, KNOWN_BASELINE, KNOWN_PERSISTENT };

struct report_case;

struct told_finding {
	enum finding_id id;
	enum severity severity;
	const char *detail; /* one sentence; "" */
	uint64_t count; /* how often it was seen: at least 1 */
	uint64_t bytes; /* of all segments that count stands for */
	bool has_segment;
	struct told_segment segment;
	struct told_call offending; /* the call that it is about */
	struct told_call after; /* the injected fault that preceded it */
	struct location location;
	uint64_t fingerprint; /* the same from run to run, when lines move, on another machine; never 0 */
	struct told_finding *like; /* an earlier one with the same fingerprint; NULL */
	enum known_as known; /* set by publish(): renderers count only KNOWN_NOT */
	bool is_marked; /* known is settled */
	const struct report_case
	    *owner; /* of the cases that share it (those with one cause), the one that counts it */
	const char *known_why; /* the suppression's reason, the baseline's name, … */
};

/* Tells FINDING of the run behind BOOKS; everything it points to lives in KEEP (whose no_memory is set when memory
 * was short). BOOKS may be freed afterwards. */
void told_make(const struct books *books, const struct finding *finding, struct keep *keep,
	       struct told_finding *ret_told);

/* Whether A and B are one finding for who reads them: of the same kind, key and program, with the same frames. The books
 * tell stacks apart by more, by words that turned out to be no frames. */
bool told_is_same(const struct told_finding *a, const struct told_finding *b);

/* The same for one call; ret_call->known is false when RECORD's state is FREE. */
void told_call_make(const struct books *books, const struct record *record, struct keep *keep,
		    struct told_call *ret_call);

/* The same for a segment. */
void told_segment_make(const struct books *books, const struct segment *segment, struct keep *keep,
		       struct told_segment *ret_segment);

/* The same for a crash. False: it was of no process of the tree. */
bool told_crash_make(const struct books *books, const struct crash *crash, struct keep *keep,
		     struct told_crash *ret_crash);

/* The stack that FINDING is about: of the call, or else of the segment's creation. */
const struct told_stack *told_main_stack(const struct told_finding *finding);

/* Whether FRAME is in the C library, the loader or the kernel's page: its lines are nobody's to mend. */
bool told_is_system(const struct frame *frame);

/* The frame of STACK to look at first: the innermost with a source line that is not the C library's own; else the
 * innermost. NULL: none. */
const struct frame *told_first_frame(const struct told_stack *stack);

/* The same as a place: a source line, or a binary and an offset. */
struct location told_location(const struct told_stack *stack);

#endif
