// SPDX-License-Identifier: MIT
// explore: without a namespace of the run's own: takes away what the run made and left.
#ifndef SHMCHECK_HARNESS_EXPLORE_REMAINS_H
#define SHMCHECK_HARNESS_EXPLORE_REMAINS_H

#include "harness/analyze/evidence.h"
#include "harness/analyze/ledger.h"

/* Removes those segments of EVIDENCE's last table that were not there before, that a process of LEDGER made, and that
 * are still the same by id, maker and time of change. Does nothing when the run had a namespace. */
void remains_remove(const struct ledger *ledger, const struct evidence *evidence);

#endif
