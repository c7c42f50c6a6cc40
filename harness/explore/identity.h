// SPDX-License-Identifier: MIT
// explore: a stack in the words that rules and reports use.
#ifndef SHMCHECK_HARNESS_EXPLORE_IDENTITY_H
#define SHMCHECK_HARNESS_EXPLORE_IDENTITY_H

#include "harness/analyze/stack.h"
#include "harness/explore/identities.h"

/* Fills RET_IDENTITY (zeroed) with what STACK is called, and how a rule finds it. */
void identity_describe(const struct stack *stack, struct identity *ret_identity);

#endif
