// SPDX-License-Identifier: MIT
// front end: the rules that the options ask for.
#ifndef SHMCHECK_HARNESS_COMPILE_RULES_H
#define SHMCHECK_HARNESS_COMPILE_RULES_H

#include "options.h"
#include "rules.h"

/* The rules of --inject and --inject-file, as the plan of OPTIONS->launch; a bad one stops everything here. RULES (NULL:
 * no memory) owns the plan. Returns 0, or -errno after saying why. */
int compile_rules(struct options *options, struct rules *rules);

#endif
