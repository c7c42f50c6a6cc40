// SPDX-License-Identifier: MIT
// explore: a stack in the words that rules and reports use.
#ifndef SHMCHECK_HARNESS_EXPLORE_IDENTITY_H
#define SHMCHECK_HARNESS_EXPLORE_IDENTITY_H

#include "harness/analyze/stack.h"
#include "harness/explore/identities.h"

/* Fills RET_IDENTITY (zeroed) with STACK's number, and how a rule finds it. Needs no names. */
void identity_find(const struct stack *stack, struct identity *ret_identity);

/* Adds what STACK is called. */
void identity_describe(const struct stack *stack, struct identity *ret_identity);

#endif
