// SPDX-License-Identifier: MIT
// analysis: what a run is found guilty of, and the table of all kinds of findings.
#ifndef SHMCHECK_HARNESS_ANALYZE_FINDING_H
#define SHMCHECK_HARNESS_ANALYZE_FINDING_H

#include "protocol/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_NEVER };

enum finding_id {
	FINDING_SEGMENT_LEAK,
	FINDING_SEGMENT_UNATTRIBUTED,
	FINDING_SEGMENT_VANISHED, /* the ledger has it, the kernel's table does not: the witnesses disagree */
	FINDING_FAILED_RESULT_USED,
	FINDING_KEY_AS_ID,
	FINDING_BAD_DETACH,
	FINDING_USE_AFTER_DETACH,
	FINDING_USE_AFTER_REMOVE,
	FINDING_FAULT_NOT_HIT,
	FINDING_REMOVE_FOREIGN,
	FINDING_SEGMENT_PINNED,
	FINDING_STALE_ATTACH,
	FINDING_FTOK_COLLISION,
	FINDING_FTOK_TRUNCATED,
	FINDING_MODE_DECIMAL,
	FINDING_MODE_WORLD,
	FINDING_ATTACH_LEAK,
	FINDING_SEGMENT_HELD,
	FINDING_LEFT_AT_TIMEOUT,
	FINDING_REMOVE_TWICE,
	FINDING_ATTACH_AFTER_REMOVE,
	FINDING_CRASH_WINDOW,
	FINDING_LIMIT_REACHED,
	FINDING_COUNT
};

struct finding_row {
	const char *name; /* "segment-leak" */
	enum severity severity; /* the usual one; a finding may carry another */
	const char *meaning; /* one line, for `shmcheck list findings` */
	const char *advice; /* one sentence: how to mend it */
};

const struct finding_row *finding_row(enum finding_id id);
const char *severity_name(enum severity severity);

/* A segment in its life, as far as the ledger and the kernel's table know it. */
struct segment {
	int shmid;
	int32_t key; /* 0 (IPC_PRIVATE) or the key asked for */
	uint64_t bytes;
	unsigned mode; /* as asked for, or from the table */
	bool created; /* made by the tree, seen by the shim */
	bool reach_key; /* the next run finds it by its key */
	bool removed; /* an IPC_RMID succeeded */
	bool left; /* still in the kernel's table at the end, not marked for removal */
	pid_t creator_pid;
	uint32_t creator_process; /* serial */
	struct record creation; /* event 0 and state FREE when unknown */
	struct record removal; /* the successful IPC_RMID */
	struct record last_failed_removal; /* what was tried */
	uint64_t removal_attempts; /* failed ones */
	uint64_t attaches, detaches; /* successful calls over all processes */
	uint32_t ftok_text; /* arena ref of the path whose ftok gave the key; 0 */
	int ftok_proj_id;
	uint64_t nattch; /* the kernel's number at the end */
};

struct finding {
	enum finding_id id;
	enum severity severity;
	bool has_segment;
	struct segment segment;
	struct record offending; /* the call that it is about; state FREE when there is none */
	struct record after; /* the injected fault that preceded it; state FREE when there is none */
	uint64_t count; /* how often the same was seen (same id, same stack): findings are folded */
	char detail[256]; /* one sentence that names the particulars; "" */
	uint64_t bytes; /* of all the segments that count stands for (leaks), else 0 */
	uint64_t window_ns, window_calls; /* crash-window: the longest, and the other calls in the latest */
};

struct findings {
	struct finding *list; /* owned; worst first */
	size_t count;
};

/* Appends a copy of FINDING. Returns 0 or -ENOMEM. */
int findings_add(struct findings *findings, const struct finding *finding);
size_t findings_count(const struct findings *findings, enum severity severity);
void findings_sort(struct findings *findings); /* by severity, then by time of the event; stable */
void findings_free(struct findings *findings);

#endif
