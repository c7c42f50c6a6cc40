// SPDX-License-Identifier: MIT
// protocol: the small C-like language of if=: compiled to reverse Polish, evaluated, printed back.
#ifndef SHMCHECK_PROTOCOL_PLAN_EXPRESSION_H
#define SHMCHECK_PROTOCOL_PLAN_EXPRESSION_H

#include "plan.h"
#include "plan_text.h"

/* Values are 64-bit signed and wrap. == and != between 32-bit values (key, flags, id, cmd, constants) look at 32
 * bits, so that key==0xdeadbeef and key==-559038737 are the same question. x/0 and x%0 are 0; shifts count
 * modulo 64. Everything is evaluated: there is nothing that && could save us from. */

/* What went wrong where. */
struct expression_error {
	struct word word;
	const char *what, *expected, *nearest;
};

/* Compiles TEXT. Returns 0, or -EINVAL with RET_ERROR filled in and *RET_EXPRESSION undefined. */
int expression_compile(struct word text, struct plan_expression *ret_expression,
		       struct expression_error *ret_error);

/* Whether EXPRESSION is not 0 for CALL with ARGS (as in struct record). True when it is empty. */
bool expression_is_true(const struct plan_expression *expression, unsigned call, const uint64_t *args);

/* Writes it with the fewest parentheses; compiling that gives the same bytes. */
void expression_print(const struct plan_expression *expression, struct out *out);

/* The fields that CALL has, as bits. */
uint8_t expression_fields_of(unsigned call);
const char *expression_field_name(unsigned field); /* NULL past the end */

/* Whether it compares one field with one number; and the value of a field. */
bool expression_is_simple(const struct plan_expression *expression);
int64_t expression_field(unsigned field, unsigned call, const uint64_t *args);

#endif
