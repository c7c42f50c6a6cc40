// SPDX-License-Identifier: MIT
// scenario: the order of a scenario, compiled for the session, with what is needed to speak of it.
#ifndef SHMCHECK_HARNESS_SCENARIO_ORDER_PLAN_H
#define SHMCHECK_HARNESS_SCENARIO_ORDER_PLAN_H

#include "harness/scenario/document.h"
#include "harness/scenario/part.h"
#include "harness/scenario/point.h"
#include "protocol/order.h"

#include <stdbool.h>
#include <stdint.h>

enum { DEEDS_MOST = 128, CONSTRAINTS_MOST = ORDER_LINKS };

/* LEFT has to be passed before RIGHT begins. */
struct constraint {
	uint16_t left, right; /* points */
};

/* A signal that the harness sends when all that its point waits for is passed (or, BEFORE, reached). */
struct deed {
	uint32_t point; /* its own */
	uint32_t trigger; /* BEFORE: the point that is reached; else NOWHERE */
	int signal;
	bool is_stop; /* of `stop`: a process that has ended needs none */
	char to[ROLE_MAX];
};

struct order_plan {
	struct order order; /* point_count 0: nothing is ordered */
	struct constraint constraints[CONSTRAINTS_MOST];
	size_t constraint_count;
	struct deed deeds[DEEDS_MOST];
	size_t deed_count;
	int start
	    [SCENARIO_ROLES]; /* of each part: the point of its start when that waits for something; -1 */
};

/* Compiles order, signals, start-after and stop of SCENARIO. Returns 0, -EINVAL with the complaint, -ENOMEM. */
int order_plan_make(const struct scenario *scenario, const struct parts *parts, struct document *document,
		    struct order_plan *ret_plan, struct complaint *complaint);

/* The point at the N-th event of a place like PLACE; it is added when it is new. -1: there is no room. */
int order_plan_point(struct order_plan *plan, const struct order_place *place, uint32_t n);

/* What a report calls point INDEX. Returns TEXT. */
const char *order_plan_say(const struct order_plan *plan, uint32_t index, char text[POINT_TEXT]);

/* Whether RIGHT comes before LEFT already, by constraints or because a process takes its steps one after the other;
 * the way from RIGHT to LEFT goes into TEXT. */
bool order_plan_has_way(const struct order_plan *plan, uint32_t right, uint32_t left, char *text,
			size_t size);

#endif
