// SPDX-License-Identifier: MIT
// explore: which findings have one cause.
#ifndef SHMCHECK_HARNESS_EXPLORE_CAUSE_H
#define SHMCHECK_HARNESS_EXPLORE_CAUSE_H

#include "harness/explore/worklist.h"

/* A number that is the same for findings with the same verdict, the same failed call in the same place, and the same
 * harm: the leaked segments' places, the misuse, the signal. Whether the call failed with this errno or that, once or
 * for good, is no difference. Never 0. Pure. */
uint64_t cause_of(const struct tried *tried, const struct trial *baseline);

#endif
