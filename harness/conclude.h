// SPDX-License-Identifier: MIT
// front end: from the books and the evidence to the reports: what `run` and `report` share.
#ifndef SHMCHECK_HARNESS_CONCLUDE_H
#define SHMCHECK_HARNESS_CONCLUDE_H

#include "harness/analyze/evidence.h"
#include "harness/analyze/ledger.h"
#include "harness/options.h"
#include "harness/report/report.h"

/* Judges LEDGER against EVIDENCE (doubts are added to it), renders every report that OPTIONS ask for, and puts the
 * verdict into *ret_verdict. Returns 0, or -errno after saying what went wrong. */
int conclude(const struct options *options, const struct ledger *ledger, struct evidence *evidence,
	     const struct arena *arena, uint64_t arena_size, enum verdict *ret_verdict);

#endif
