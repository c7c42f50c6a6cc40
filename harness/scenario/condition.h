// SPDX-License-Identifier: MIT
// scenario: what a scenario needs to be run at all.
#ifndef SHMCHECK_HARNESS_SCENARIO_CONDITION_H
#define SHMCHECK_HARNESS_SCENARIO_CONDITION_H

#include <stdbool.h>

/* Whether CONDITION is one of "root", "namespace", "command:NAME", "environment:NAME", "file:PATH",
 * "architecture:NAME". */
bool condition_is_known(const char *condition);

/* Whether it holds here. FOLDER is that of the scenario file. */
bool condition_holds(const char *condition, const char *folder, const char *const *programs);

#endif
