// SPDX-License-Identifier: MIT
// protocol: small tools for the plan's text: words, numbers, the nearest name, and output without stdio.
#ifndef SHMCHECK_PROTOCOL_PLAN_TEXT_H
#define SHMCHECK_PROTOCOL_PLAN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of somebody else's text. */
struct word {
	const char *text;
	size_t length;
};

bool word_is(struct word word, const char *name);
struct word word_of(const char *text, size_t length);

/* Cuts WORD at the first SEPARATOR: returns what is before it and leaves in *REST what is after it. Without one:
 * the whole, and *REST is empty at its end with text NULL. */
struct word word_cut(struct word word, char separator, struct word *ret_rest);

/* Decimal digits, at least one, no sign. Returns 0, or -ERANGE above 64 bits, -EINVAL for anything else. */
int word_decimal(struct word word, uint64_t *ret_value);

/* As in C: 0x1f, 017, 42. Same results; *RET_BASE gets 16, 8 or 10. */
int word_number(struct word word, uint64_t *ret_value, int *ret_base);

/* Keeps the name that is nearest to WORD over several calls; start with best.distance = 0 and name NULL. */
struct nearest {
	const char *name;
	unsigned distance;
};
void nearest_try(struct nearest *nearest, struct word word, const char *name);

/* Output into a buffer; LENGTH goes on counting when it is full. */
struct out {
	char *text;
	size_t size;
	size_t length;
};
void out_char(struct out *out, char c);
void out_text(struct out *out, const char *text);
void out_safe(struct out *out, const char *bytes, size_t length); /* '?' for what is not printable ASCII */
void out_number(struct out *out, uint64_t value, unsigned base); /* 16: 0x…, 8: 0…, 10 */
void out_signed(struct out *out, int64_t value);

#endif
