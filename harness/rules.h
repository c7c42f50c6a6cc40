// SPDX-License-Identifier: MIT
// front end: from --inject and --inject-file to a compiled plan, and what to say about a bad rule.
#ifndef SHMCHECK_HARNESS_RULES_H
#define SHMCHECK_HARNESS_RULES_H

#include "protocol/plan.h"

#include <stdio.h>

struct rules; /* a plan that is being put together */

/* No rules yet; NULL: no memory. SEED is that of p=. */
struct rules *rules_new(uint64_t seed);

/* Adds TEXT (NUL-terminated), which came from SOURCE ("--inject"). Returns 0 or -EINVAL, having said on STREAM what
 * is wrong, with a caret below the word. */
int rules_add(struct rules *rules, const char *source, const char *text, FILE *stream);

/* Adds the rules of FILE, "-" being standard input. Returns 0 or -errno, having said on STREAM what is wrong. */
int rules_add_file(struct rules *rules, const char *path, FILE *stream);

/* The plan, for launch_options; *RET_SIZE is what the session needs. NULL when there is no rule. Owned by RULES. */
const struct plan *rules_plan(struct rules *rules, uint64_t *ret_size);

/* The rules of PLAN as one text that plan_parse takes; the caller frees it. NULL: no memory. */
char *rules_text(const struct plan *plan);

/* Prints each rule in canonical form, a line each. For --verbose. */
void rules_print(const struct plan *plan, FILE *stream);

void rules_free(struct rules *rules);

#endif
