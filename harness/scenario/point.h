// SPDX-License-Identifier: MIT
// scenario: points in the life of processes, as files name them: "writer.shmctl.RMID.2".
#ifndef SHMCHECK_HARNESS_SCENARIO_POINT_H
#define SHMCHECK_HARNESS_SCENARIO_POINT_H

#include "protocol/order.h"

#include <stdbool.h>
#include <stddef.h>

struct place_text {
	char role[ROLE_MAX];
	struct order_place place; /* its role is left empty: that may stand for several */
	uint32_t n;
};

/* What is wrong with a text, and where in it. */
struct text_error {
	size_t offset;
	char what[240];
};

/* Parses LENGTH bytes of TEXT. Returns 0 or, with the error, -EINVAL. */
int point_parse(const char *text, size_t length, struct place_text *ret_point, struct text_error *error);

/* Writes the N-th event of PLACE as point_parse reads it; returns its length. */
int point_print(const struct order_place *place, uint32_t n, char *text, size_t size);

enum { POINT_TEXT = ROLE_MAX + ORDER_NAME + 32 };

#endif
