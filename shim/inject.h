// SPDX-License-Identifier: MIT
// shim: has a decision's effects take place around one call.
#ifndef SHMCHECK_SHIM_INJECT_H
#define SHMCHECK_SHIM_INJECT_H

#include "protocol/plan.h"
#include "protocol/record.h"

#include <stdbool.h>
#include <stdint.h>

/* What is under way for one call; on the wrapper's stack. All zeroes: nothing. */
struct inject {
	struct plan_decision decision;
	uint64_t reserved_at; /* relocate: the range that is kept busy, to be given back */
	uint64_t reserved_size;
	bool world_made;
	bool limit_changed; /* full, small: to be put back */
	bool is_denied; /* denied: the mode is to be given back, or */
	struct plan_planted *planted; /* this to be removed */
};

/* First of all: decides and delays. Async-signal-safe; no heap, no errno. */
void inject_before(struct plan *plan, const struct plan_call *call, struct inject *ret_inject);

/* Whether a signal comes before the call: then its record is begun before the signal, which may be the last that is
 * heard of it; else only after the world was changed. */
bool inject_signals_first(const struct plan *plan, const struct inject *inject);

/* Sends signal=SIG@enter and changes the world. */
void inject_enter(struct plan *plan, const struct plan_call *call, struct inject *inject);

/* Puts into RECORD what of the rules that fired is to be seen there besides the result: signals and delays. */
void inject_note(const struct plan *plan, const struct inject *inject, struct record *record);

/* Whether the real call is made. */
static inline bool inject_makes_call(const struct inject *inject)
{
	bool forged = inject->decision.result == RESULT_ERROR || inject->decision.result == RESULT_VALUE;

	return !forged || inject->decision.after;
}

/* Right after the real call, which returned RESULT (-1 for failure, for every call) and left *ERROR as errno, or
 * instead of it: undoes what was needed for that moment only, and puts in RECORD (which has the call's event, args,
 * flags and error) what the rule makes of it. Returns what the call is to return. */
int64_t inject_result(struct plan *plan, const struct plan_call *call, struct inject *inject, int64_t result,
		      int *error, struct record *record);

/* Once the record is done: delay_exit, then signals. May not return when a signal kills. */
void inject_after(const struct plan *plan, const struct inject *inject);

/* Whether CALL was made in the place that PATTERN names: in a module, a glob for its file name, or for its path when it
 * has a slash; in a function, a glob for the names in its module's dynamic symbol table only; or at one call site, see
 * inject_site.h. */
bool inject_is_inside(const char *pattern, const struct plan_call *call);

/* Whether PATTERN (a glob, as above) names the object that the dynamic linker calls PATH ("": the program itself). */
bool inject_is_module(const char *pattern, const char *path);

#endif
