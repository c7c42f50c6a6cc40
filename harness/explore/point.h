// SPDX-License-Identifier: MIT
// explore: fault points: which call, where, fails how; their identity from run to run.
#ifndef SHMCHECK_HARNESS_EXPLORE_POINT_H
#define SHMCHECK_HARNESS_EXPLORE_POINT_H

#include "protocol/record.h"
#include "protocol/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SITE_MAX = 128 };

/* A call as one run made it. */
struct observation {
	char role[ROLE_MAX];
	uint64_t stack; /* stack_identity() */
	uint64_t begin_ns;
	uint64_t args[3];
	int64_t result;
	char site
	    [SITE_MAX]; /* "fio+0x1f2e<0x2a10": where it returns to, and what called that; "": not to be said in a rule */
	uint32_t site_ordinal; /* which of these in its process with this site, from 1 */
	uint32_t ordinal; /* which call of that name (and sub-command) in its process, from 1 */
	uint32_t occurrence; /* which of these with this stack, from 1 */
	uint32_t occurrences; /* how many of these there were */
	uint32_t tree_ordinal; /* which call of that name over the tree, from 1 */
	int32_t command; /* shmctl; else 0 */
	int32_t error; /* errno when it failed by itself or was made to; else 0 */
	uint16_t call; /* enum event */
	uint16_t flags; /* enum record_flag */
	uint32_t has_vanished; /* its process never announced its end: it was killed, or crashed */
};

enum point_mode { MODE_ONCE, MODE_PERSIST, MODE_SIGNAL };

struct point {
	struct observation at;
	enum point_mode mode;
	int fault; /* errno; with MODE_SIGNAL the signal's number */
	uint32_t depth; /* 1: seen in the baseline; 2: seen when an earlier point failed */
	size_t after; /* place of that earlier point; meaningful from depth 2 on */
	bool by_ordinal; /* the call is counted among all of its kind, not found by its stack */
	const char *world; /* the world that makes this errno true; NULL: forged */
};

enum { POINT_ID_MAX = 192, POINT_RULE_MAX = 640 };

/* "main/shmctl.RMID@1f2e3d4c5b6a7988#1:EINVAL:once". Stable from run to run. */
void point_id(const struct point *point, char ret_id[POINT_ID_MAX]);

/* The rule that makes POINT happen: "main/shmctl.RMID:error=EINVAL:when=3:scope=process", counted
 * where it can be among the calls of its site alone: "…:when=1:scope=process:in=fio+0x1f2e". For good it is both. */
void point_rule(const struct point *point, char ret_rule[POINT_RULE_MAX]);

/* Whether OBSERVATION is the call that POINT is about. */
bool point_is_at(const struct point *point, const struct observation *observation);

/* The word for the call in rules: "shmget", "shmctl.RMID". */
void point_call(const struct observation *observation, char *ret_text, size_t size);

/* A stable number of POINT's identity: for shards and look-ups. */
uint64_t point_hash(const struct point *point);

/* Whether A and B are one point: what they come after does not count. */
bool point_is_same(const struct point *a, const struct point *b);

/* "once", "persist", "signal"; "forged", "world", "signal". */
const char *point_mode(const struct point *point);
const char *point_fidelity(const struct point *point);
/* "ENOMEM", "SIGTERM". */
const char *point_fault(const struct point *point);

#endif
