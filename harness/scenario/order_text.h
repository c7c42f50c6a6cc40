// SPDX-License-Identifier: MIT
// scenario: from the texts of order, signals, start-after and stop to constraints and deeds.
#ifndef SHMCHECK_HARNESS_SCENARIO_ORDER_TEXT_H
#define SHMCHECK_HARNESS_SCENARIO_ORDER_TEXT_H

#include "order_plan.h"

/* Adds the points, constraints and deeds of SCENARIO to PLAN. Returns 0, or -EINVAL with the complaint. */
int order_text_read(const struct scenario *scenario, const struct parts *parts, struct document *document,
		    struct order_plan *plan, struct complaint *complaint);

#endif
