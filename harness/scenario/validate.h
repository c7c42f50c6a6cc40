// SPDX-License-Identifier: MIT
// scenario: whether a loaded scenario means something: names, numbers and texts that have to fit together.
#ifndef SHMCHECK_HARNESS_SCENARIO_VALIDATE_H
#define SHMCHECK_HARNESS_SCENARIO_VALIDATE_H

#include "harness/scenario/part.h"
#include "harness/scenario/play.h"
#include "protocol/plan.h"

#include <errno.h>

/* The scenario that is looked at. */
struct validation {
	struct play *play;
	const struct parts *parts;
	struct complaint *complaint;
};

#define INVALID(validation, path, offset, ...)                                                               \
	(document_complain_at(&(validation)->play->document, path, offset, (validation)->complaint,          \
			      __VA_ARGS__),                                                                  \
	 -EINVAL)

enum { VALIDATE_PATH = 96 };

/* Each returns 0, or -EINVAL with the complaint. */

/* Names and instances, before any part is made of them. */
int validate_names(struct play *play, struct complaint *complaint);
/* All the rest but order and rules. */
int validate_scenario(const struct validation *validation);
int validate_expectations(const struct validation *validation);
int validate_segments(const struct validation *validation);
/* Adds the scenario's rules to PLAN, which is empty. */
int validate_rules(const struct validation *validation, struct plan *plan);

#endif
