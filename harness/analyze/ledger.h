// SPDX-License-Identifier: MIT
// analysis: the first witness: what the shim saw, kept as one book of segments, processes and attachments.
#ifndef SHMCHECK_HARNESS_ANALYZE_LEDGER_H
#define SHMCHECK_HARNESS_ANALYZE_LEDGER_H

#include "evidence.h"
#include "finding.h"
#include "protocol/arena.h"
#include "protocol/record.h"

#include <stddef.h>
#include <stdint.h>

struct ledger;

/* A process (address space) of the tree, by serial. */
struct process {
	uint32_t serial, parent; /* parent's serial; 0: unknown */
	uint32_t image; /* last seen */
	pid_t pid;
	uint32_t role; /* arena ref of "main@2" */
	uint32_t executable; /* arena ref of the path of the last image */
	char comm[17];
};

/* An empty ledger; NULL when memory is short. Its memory grows with what is alive, not with the events. */
struct ledger *ledger_new(void);

/* Takes one event. Events come ordered by begin_ns, yet neither effect nor end follows that order:
 * a call's effect lies anywhere in [begin_ns, end_ns]. RECORD_BEGUN means that the outcome is unknown. Returns 0
 * or -ENOMEM. */
int ledger_apply(struct ledger *ledger, const struct record *record);

/* Lends the texts that records refer to, for the sentences of doubts and findings: call it before the next two.
 * Optional; ARENA (SIZE bytes) must outlive the ledger's use. */
void ledger_texts(const struct ledger *ledger, const struct arena *arena, uint64_t size);

/* Holds the books against EVIDENCE (kernel tables, statuses, survivors) once all events are in, and adds to
 * FINDINGS, folded and sorted. A second call gives the first one's verdict. Returns 0 or -errno. */
int ledger_judge(const struct ledger *ledger, const struct evidence *evidence, struct findings *findings);

/* Adds to EVIDENCE, as doubts, what makes the ledger itself unsure: images that never announced themselves. Call it
 * before ledger_judge. Returns 0 or -ENOMEM. */
int ledger_doubts(const struct ledger *ledger, struct evidence *evidence);

/* Adds to EVIDENCE, as hints, the keys that were asked for in vain and that the host has. Returns 0 or -ENOMEM. */
int ledger_hints(const struct ledger *ledger, struct evidence *evidence);

/* The process of that SERIAL, or NULL. Valid until the next ledger_apply. */
const struct process *ledger_process(const struct ledger *ledger, uint32_t serial);

/* The latest process with that PID, or NULL: none of the tree had it. Valid as above. */
const struct process *ledger_process_of_pid(const struct ledger *ledger, pid_t pid);

/* Whose crash that is. NULL: nobody's of the tree, or of one that has said since that it ends: the kernel's log, which
 * has everybody's crashes, then means another process of that pid. */
const struct process *ledger_process_of_crash(const struct ledger *ledger, const struct crash *crash);

/* Each segment that the books know (of those removed, the last few thousand), by time of creation, until VISIT returns
 * non-zero, which is returned. Whether it is left is the kernel's table to say. -ENOMEM: no memory. */
typedef int ledger_visit(void *context, const struct segment *segment);
int ledger_segments(const struct ledger *ledger, ledger_visit *visit, void *context);

/* Whether the program said that segments with KEY are meant to stay (shmcheck_expect_persistent). */
bool ledger_keeps(const struct ledger *ledger, int32_t key);

/* The latest calls of the process of that SERIAL, oldest first. Returns how many. */
enum { LAST_CALLS = 4 };
size_t ledger_last_calls(const struct ledger *ledger, uint32_t serial, struct record ret_calls[LAST_CALLS]);

struct ledger_totals {
	uint64_t events, segments_created, segments_removed, attaches, detaches, failed_calls, processes,
	    elsewhere, /* calls in another IPC namespace, which are not judged */
	    handed; /* programs that another shmcheck started and watches, under this one */
};
struct ledger_totals ledger_totals(const struct ledger *ledger);

void ledger_free(struct ledger *ledger);

#endif
