// SPDX-License-Identifier: MIT
// explore: the points that are known, each once, and what became of them.
#ifndef SHMCHECK_HARNESS_EXPLORE_WORKLIST_H
#define SHMCHECK_HARNESS_EXPLORE_WORKLIST_H

#include "harness/analyze/ledger_map.h"
#include "harness/explore/expand.h"
#include "harness/explore/trial_request.h"
#include "harness/explore/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum point_state {
	STATE_KNOWN, /* to be tried, or tried again */
	STATE_RUNNING,
	STATE_WAITING, /* for runs without a fault, to be compared with */
	STATE_DONE,
	STATE_IMPOSSIBLE, /* the world was changed, and the kernel gave another answer: no such failure there */
	STATE_BROKEN /* the tool itself failed */
};

/* A point and what became of it. */
struct tried {
	struct point point;
	char *id; /* its identity, with those of the points that it comes after; owned */
	enum point_state state;
	enum point_verdict verdict;
	bool has_verdict; /* a run was judged */
	bool is_confirmed; /* by another run */
	bool is_flaky; /* another run had another verdict */
	bool is_doubtful; /* events were lost, or the shim was kept out */
	bool is_check; /* its second run only shows whether a new process does what the fork did */
	bool is_traced; /* the next run's processes are traced: a crash is confirmed, or suspected */
	bool is_selected; /* of this shard, and asked for */
	unsigned runs, divergences;
	unsigned wrong,
	    other; /* runs that printed something else, and, behind the first of these, that did not */
	uint64_t prints; /* struct trial's output of the first of these */
	bool prints_vary;
	uint64_t cause; /* findings with one cause have the same number; 0: no finding */
	struct trial trial; /* of the run that had the verdict; its lists are dropped */
	uint32_t left; /* segments that it left */
	struct observation fired; /* the call that failed, as that run had it */
	int log; /* of that run, for the first finding of a cause; -1 */
};

struct worklist_settings {
	struct expand_settings expand;
	bool all_points; /* --points=all */
	unsigned shard, shards; /* I of N, from 1; 0: all */
	const char *only; /* --point=ID; NULL: all */
};

struct worklist {
	struct tried *list; /* owned */
	size_t count, room;
	size_t *known; /* owned: hash index: place + 1, or 0 */
	size_t known_size;
	struct ledger_map
	    seen; /* by hash: calls whose points are listed, and behind which point: its place + 2 */
	size_t cursor; /* nothing to start lies before it */
	size_t selected[DEPTH_MAX + 1]; /* how many are, by depth */
};

/* Adds the points of TRIAL's calls that began behind AFTER_NS and that are not known yet. AFTER: the place of the point
 * in whose run they were seen, SIZE_MAX for the baseline. Returns 0 or -ENOMEM. */
int worklist_add(struct worklist *worklist, const struct worklist_settings *settings,
		 const struct trial *trial, uint64_t after_ns, size_t after);

/* Has SETTINGS make whatever points ID, and those that it comes after, may name; *ret_depth gets how many these are. */
void worklist_for_point(const char *id, struct worklist_settings *settings, unsigned *ret_depth);

/* How many points are selected and not deeper than DEPTH. */
size_t worklist_selected(const struct worklist *worklist, unsigned depth);

/* The place of the next point to try, not deeper than DEPTH; SIZE_MAX: none is left. */
size_t worklist_next(struct worklist *worklist, unsigned depth);

/* The point at PLACE is to be tried again. */
void worklist_again(struct worklist *worklist, size_t place);

/* Puts what is known so far in an order that SEED determines. */
void worklist_shuffle(struct worklist *worklist, uint64_t seed);

void worklist_free(struct worklist *worklist);

#endif
