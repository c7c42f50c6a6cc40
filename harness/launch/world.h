// SPDX-License-Identifier: MIT
// launch: the harness's side of world= faults: what they may touch, and what they leave behind.
#ifndef SHMCHECK_HARNESS_LAUNCH_WORLD_H
#define SHMCHECK_HARNESS_LAUNCH_WORLD_H

#include "harness/analyze/evidence.h"
#include "protocol/plan.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a program that we start will have a privilege (CAP_IPC_OWNER over the run's namespace) to which no mode of a
 * segment denies anything. To be asked before a namespace is entered. */
bool world_denies_nothing(void);

/* Whether PLAN (NULL: no rules) asks for something to be denied to such a program. Returns 0, or -EPERM with WHY. PROGRAM
 * may be one that is there to give privileges up; a rule with a ROLE other than main says that its processes do. */
int world_check_privilege(const struct plan *plan, const char *program, char why[512]);

/* Whether PLAN (NULL: no rules) can be honoured under EVIDENCE's isolation. Returns 0, or -EPERM with WHY: a world
 * that needs a namespace of the run's own is refused without one, not weakened. */
int world_check(const struct plan *plan, const struct evidence *evidence, char why[512]);

/* Tells the session's PLAN what the run's namespace permits. */
void world_begin(struct plan *plan, const struct evidence *evidence);

/* Removes what the session's PLAN (SIZE bytes by our own knowledge) planted, takes it out of EVIDENCE's last table,
 * and copies the counts into a copy of ORIGINAL that EVIDENCE then owns. Returns 0 or -ENOMEM. */
int world_end(const struct plan *plan, const struct plan *original, uint64_t size, struct evidence *evidence);

/* Takes what PLAN planted out of EVIDENCE's last table, for a run whose namespace is gone already. */
void world_forget(const struct plan *plan, struct evidence *evidence);

#endif
