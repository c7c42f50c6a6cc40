// SPDX-License-Identifier: MIT
// scenario: holds a document against a libcyaml schema, and says exactly what is wrong and where.
#ifndef SHMCHECK_HARNESS_SCENARIO_CHECK_H
#define SHMCHECK_HARNESS_SCENARIO_CHECK_H

#include "harness/scenario/document.h"

#include <cyaml/cyaml.h>

/* libcyaml itself stops at the same, but tells it by a log of its own without what was expected. Returns 0 or -EINVAL
 * with the complaint. */
int check_schema(struct document *document, const cyaml_schema_value_t *schema, struct complaint *complaint);

#endif
