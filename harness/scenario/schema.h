// SPDX-License-Identifier: MIT
// scenario: the schema of a scenario file, for libcyaml and for what is said about a bad one.
#ifndef SHMCHECK_HARNESS_SCENARIO_SCHEMA_H
#define SHMCHECK_HARNESS_SCENARIO_SCHEMA_H

#include <cyaml/cyaml.h>

/* Of a struct scenario *. */
extern const cyaml_schema_value_t scenario_schema;

#endif
