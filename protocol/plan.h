// SPDX-License-Identifier: MIT
// protocol: the plan: rules for faults, compiled, with the counters that all processes share.
#ifndef SHMCHECK_PROTOCOL_PLAN_H
#define SHMCHECK_PROTOCOL_PLAN_H

#include "call.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLAN_RULES = 64, /* one bit each in a word */
	PLAN_NAME = 32, /* bytes of name=, NUL included */
	PLAN_PATTERN = 128, /* bytes of ROLE and of in=, NUL included */
	PLAN_OPS = 48, /* of one if= */
	PLAN_NUMBERS = 16, /* in one if= */
	PLAN_DEPTH = 16, /* of the stack that an if= needs */
	PLAN_PLANTED = 256, /* segments that world= made */
	PLAN_KEYS = 64, /* of ftok, remembered for world=collide */
	PLAN_TEXT = 1024, /* enough for any rule in canonical form, NUL included */
};

#define PLAN_CERTAIN 1000000000u /* p in parts of 10^9 */
#define PLAN_FOREVER UINT64_MAX

enum plan_scope { SCOPE_TREE, SCOPE_PROCESS, SCOPE_THREAD };
enum plan_result { RESULT_NONE, RESULT_ERROR, RESULT_VALUE, RESULT_WORLD };
enum plan_world {
	WORLD_NONE,
	WORLD_REMOVED,
	WORLD_STALE,
	WORLD_FULL,
	WORLD_SMALL,
	WORLD_DENIED,
	WORLD_COLLIDE,
	WORLD_RELOCATE,
	WORLD_COUNT
};

/* What an if= can ask for. */
enum plan_field {
	FIELD_KEY,
	FIELD_SIZE,
	FIELD_FLAGS,
	FIELD_ID,
	FIELD_ADDR,
	FIELD_CMD,
	FIELD_CREATE,
	FIELD_COUNT
};

/* An if= in reverse Polish form; no operations: always true. See plan_expression.h. */
struct plan_expression {
	uint8_t op[PLAN_OPS];
	uint8_t arg[PLAN_OPS]; /* a field, a name, or an index in numbers */
	uint8_t op_count;
	uint8_t number_count;
	uint8_t fields; /* bit per enum plan_field: which are asked for */
	uint8_t reserved[5];
	int64_t numbers[PLAN_NUMBERS];
};

/* Fires on matching call n when first <= n <= last and n - first is a multiple of step. */
struct plan_when {
	uint64_t first, last, step;
};

/* A rule. Never changes once the plan is in use; all bytes that a rule doesn't use are 0, so that equal
 * rules are equal bytes (but for `counter`). */
struct plan_rule {
	struct plan_when when;
	uint32_t counter; /* index in plan.counters; rules with the same filters and scope share one */
	uint32_t commands; /* bit per row of shmctl_rows(): which commands of shmctl */
	uint32_t p; /* PLAN_CERTAIN: always */
	uint8_t calls; /* bit per enum event */
	uint8_t scope;
	uint8_t result;
	uint8_t after; /* effect=after */
	uint8_t world;
	uint8_t signal;
	uint8_t signal_enter; /* @enter */
	uint8_t expect_any;
	int32_t error;
	int64_t value; /* retval= */
	uint64_t delay_enter_ns, delay_exit_ns;
	uint64_t world_size; /* stale,SIZE; 0: as the rule's world has it */
	char role[PLAN_PATTERN]; /* glob; "": any */
	char inside[PLAN_PATTERN]; /* in=; "": any caller */
	char name[PLAN_NAME]; /* "": none */
	struct plan_expression condition;
};

/* Atomic words; a line each, as every process of the tree writes them. */
struct plan_counter {
	_Alignas(64) uint64_t matches; /* calls that passed the filters: by counter */
	uint64_t hits; /* calls where the effect took place: by rule */
};

/* A count of its own for a process or a thread. */
struct plan_slot {
	uint64_t owner; /* atomic; 0: free */
	uint64_t count; /* atomic */
};

enum plan_entry_state { ENTRY_FREE, ENTRY_MAKING, ENTRY_THERE };

/* A segment that world= made. */
struct plan_planted {
	uint32_t state; /* atomic: enum plan_entry_state */
	int32_t shmid;
	int32_t key;
	int32_t pid; /* who makes it */
};

enum plan_denied_state { DENIED_NONE, DENIED_CHANGED, DENIED_PLANTED };

/* A segment that world=denied took the mode from, and what it was; or that it planted without one. */
struct plan_denied {
	uint32_t state; /* atomic */
	int32_t shmid;
	uint32_t uid, gid, mode;
	uint32_t reserved;
};

/* A key that ftok handed out. */
struct plan_known_key {
	uint32_t state; /* atomic: enum plan_entry_state */
	int32_t key;
	uint64_t path_hash;
};

/* What of a rule one comparison can tell, beside those of the other rules: a call that no rule wants must be cheap. */
struct plan_range {
	int64_t low; /* the field's values from here, */
	uint64_t span; /* over so many more */
	uint64_t rule; /* its bit */
	uint8_t field;
	uint8_t is_outside; /* all but those */
};

#define PLAN_MAGIC "shmplan3"

/* No pointers: it lies in the session, mapped anywhere. */
struct plan {
	char magic[8];
	uint64_t size; /* of the whole, slots included */
	uint64_t seed; /* of p= */
	uint32_t rule_count;
	uint32_t counter_count;
	uint32_t slot_count; /* a power of two, or 0 */
	uint32_t is_private; /* the launcher says so: the run has an IPC namespace of its own */
	uint64_t by_call[CALL_COUNT]; /* bit per rule: it may apply to that call */
	uint64_t remembers_keys; /* a rule has world=collide */
	uint64_t opens_window; /* a rule has world=full, small or denied */
	uint64_t counts_threads; /* bit per rule with scope=thread: only they look at the tid */
	uint64_t with_role; /* bit per rule: it has a ROLE/ */
	uint64_t range_fields; /* bit per field that one of the ranges is of */
	uint64_t with_commands; /* bit per rule: not for every command of shmctl */
	uint64_t range_count;
	struct plan_range ranges[PLAN_RULES];
	struct plan_rule rules[PLAN_RULES];

	/* mutable */
	_Alignas(64) uint64_t overflow; /* atomic: counts that found no slot: the run is inconclusive */
	uint64_t world_failed; /* atomic: bit per rule: its world could not be made */
	uint64_t world_privileged; /* atomic: bit per rule: because the program has CAP_IPC_OWNER */
	/* While a limit of the namespace or a segment's mode is changed: pid << 32 | tid of who did it; and what it was. */
	uint64_t window; /* atomic */
	uint64_t window_changes; /* atomic: counts its openings and closings */
	uint64_t shmmni, shmmax; /* written by the holder of the window; 0: not known yet */
	struct plan_denied denied; /* by the holder of the window */
	struct plan_planted planted[PLAN_PLANTED];
	struct plan_known_key keys[PLAN_KEYS];
	struct plan_counter counters[PLAN_RULES];
	struct plan_slot slots[];
};

/* What is wrong with a text. The strings live forever. */
struct plan_error {
	unsigned rule; /* from 1, in this text; 0: none of them */
	unsigned line; /* from 1 */
	unsigned column; /* from 1, in bytes */
	size_t start; /* the offending word in the text */
	size_t length;
	size_t line_start; /* where its line begins */
	const char *what; /* "unknown errno" */
	const char *expected; /* "a name such as ENOMEM"; NULL */
	const char *nearest; /* the nearest known name; NULL: none is near */
};

/* Bytes that a plan with SLOTS slots takes (SLOTS a power of two, or 0). */
uint64_t plan_size(uint32_t slots);

/* Slots that suffice for most; 0 when no rule of PLAN counts by process or thread. */
uint32_t plan_slots_wanted(const struct plan *plan);

/* Makes SIZE bytes (8-aligned at least) at PLAN an empty plan. Returns 0, or -EINVAL when SIZE is too small. */
int plan_init(struct plan *plan, uint64_t size, uint64_t seed);

/* Whether SIZE bytes at PLAN are a plan whose numbers all lie inside. */
bool plan_is_valid(const struct plan *plan, uint64_t size);

/* Adds the rules of TEXT, separated by ';' or newline; '#' at the start of a line or after a blank begins a
 * comment. Returns 0 or, with nothing added, -EINVAL (RET_ERROR says what) or -ENOSPC (too many rules; too). */
int plan_parse(struct plan *plan, const char *text, size_t length, struct plan_error *ret_error);

/* One line without a newline, for who has no room for more: "rule 2, column 13: unknown errno 'ENOMEN', did you mean
 * 'ENOMEM'? (expected: a name such as ENOMEM)". TEXT is what plan_parse was given. Always ends with a NUL. */
void plan_error_line(const struct plan_error *error, const char *text, char *buffer, size_t size);

/* Rebuilds what a plan knows of all its rules together (by_call to ranges); plan_parse has done it. */
void plan_index(struct plan *plan);

/* The first rule (index + 1) that needs a private IPC namespace; 0: none does. Without one it must not be run. */
uint32_t plan_needs_namespace(const struct plan *plan);

/* Writes RULE in canonical form and a NUL: parsing that gives the same rule. Returns its length, or -ENOSPC. */
int plan_print(const struct plan_rule *rule, char *buffer, size_t size);

/* One call, as the wrapper has it before the real one. */
struct plan_call {
	unsigned call; /* enum event */
	const uint64_t *args; /* as in struct record; ftok: args[0] is the path's address */
	uint32_t process; /* serial */
	int32_t tid;
	uint64_t roles; /* plan_roles() of this process's role */
	uintptr_t caller; /* return address */
	uintptr_t stack; /* pointer, when it was made; 0: not known */
};

/* Whether CALL was made in the place that PATTERN names. Only asked for rules with in=. */
typedef bool plan_inside(const char *pattern, const struct plan_call *call);

/* What is to happen. */
struct plan_decision {
	uint64_t fired; /* bit per rule: its delays and signals take place */
	uint32_t rule; /* index + 1 of the one that gives the result; 0: none does */
	uint8_t result; /* enum plan_result */
	uint8_t after;
	uint8_t world;
	int32_t error;
	int64_t value; /* to be returned: retval=, or the call's failure value */
	uint64_t world_size;
};

/* Rules whose ROLE/ matches ROLE (LENGTH bytes), as bits. Does not change while the process lives. */
uint64_t plan_roles(const struct plan *plan, const char *role, size_t length);

/* Counts CALL for every rule that it passes the filters of, and decides. Hits are counted, but for a world: that
 * is up to plan_hit. Async-signal-safe, lock-free, bounded. */
void plan_decide(struct plan *plan, const struct plan_call *call, plan_inside *inside,
		 struct plan_decision *ret_decision);

/* The cheap look before plan_decide: could any rule apply? A world=collide needs the keys of all roles. */
static inline bool plan_concerns(const struct plan *plan, unsigned call, uint64_t roles)
{
	return (plan->by_call[call] & roles) != 0 || (call == CALL_FTOK && plan->remembers_keys);
}

/* Of the rules that ROLES leaves, those that may want CALL with ARGS: all that do, and few that don't. Nothing is
 * counted. What is left goes into plan_call.roles. */
uint64_t plan_sift(const struct plan *plan, unsigned call, uint64_t roles, const uint64_t *args);

/* The range of one field that RULE's condition is; false when it is anything else. */
bool plan_range_of(const struct plan_rule *rule, struct plan_range *ret_range);

/* RULE (index + 1, as in a decision) took effect. */
void plan_hit(struct plan *plan, uint32_t rule);

/* Calls that passed the filters of rule INDEX, and those where its effect took place. */
uint64_t plan_matches(const struct plan *plan, uint32_t index);
uint64_t plan_hits(const struct plan *plan, uint32_t index);

/* Shell-like: * ? [a-z] [!a-z]; no special slash. Linear in time but for the stars. */
bool plan_glob(const char *pattern, const char *text, size_t length);

/* A row of the table of worlds. */
struct plan_world_row {
	const char *name; /* "removed" */
	const char *meaning;
	uint8_t calls; /* bit per enum event: where it means something */
	bool needs_namespace; /* an IPC namespace of the run's own */
	const char *needs; /* in words; NULL: nothing */
	const char *fails; /* why it could not be made, as far as anybody knows, and what to do */
};
/* The row of WORLD (enum plan_world); NULL for WORLD_NONE and past the end. */
const struct plan_world_row *plan_world_row(unsigned world);

#endif
