// SPDX-License-Identifier: MIT
// protocol: small tools for the plan's text: words, numbers, the nearest name, and output without stdio.
#include "plan_text.h"

#include <errno.h>
#include <string.h>

enum { NAME_LIMIT = 32 };

struct word word_of(const char *text, size_t length)
{
	return (struct word){.text = text, .length = length};
}

bool word_is(struct word word, const char *name)
{
	return strlen(name) == word.length && memcmp(name, word.text, word.length) == 0;
}

struct word word_cut(struct word word, char separator, struct word *ret_rest)
{
	const char *found = word.length ? memchr(word.text, separator, word.length) : NULL;

	if (!found) {
		*ret_rest = word_of(NULL, 0);
		return word;
	}
	*ret_rest = word_of(found + 1, word.length - (size_t)(found + 1 - word.text));
	return word_of(word.text, (size_t)(found - word.text));
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static int digits(const char *text, size_t length, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (length == 0)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if (digit_value(text[i]) >= (int)base)
			return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit_value(text[i]), &value))
			return -ERANGE;
	*ret_value = value;
	return 0;
}

int word_decimal(struct word word, uint64_t *ret_value)
{
	return digits(word.text, word.length, 10, ret_value);
}

int word_number(struct word word, uint64_t *ret_value, int *ret_base)
{
	const char *text = word.text;
	size_t length = word.length;

	*ret_base = 10;
	if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		*ret_base = 16;
		return digits(text + 2, length - 2, 16, ret_value);
	}
	if (length > 1 && text[0] == '0')
		*ret_base = 8;
	return digits(text, length, (unsigned)*ret_base, ret_value);
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance with swaps of neighbours counted once, case ignored. */
static unsigned distance(struct word a, const char *b, size_t b_length)
{
	unsigned rows[3][NAME_LIMIT + 1];

	for (unsigned j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.length; i++) {
		unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= b_length; j++) {
			bool same = lower(a.text[i - 1]) == lower(b[j - 1]);

			now[j] = least(before[j - 1] + !same, least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a.text[i - 1]) == lower(b[j - 2]) &&
			    lower(a.text[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return rows[a.length % 3][b_length];
}

void nearest_try(struct nearest *nearest, struct word word, const char *name)
{
	size_t length = strlen(name);
	unsigned found, limit;

	if (word.length == 0 || word.length > NAME_LIMIT || length > NAME_LIMIT)
		return;
	found = distance(word, name, length);
	limit = 1 + (unsigned)length / 3;
	if (found <= limit && found < length && (!nearest->name || found < nearest->distance)) {
		nearest->name = name;
		nearest->distance = found;
	}
}

void out_char(struct out *out, char c)
{
	if (out->length + 1 < out->size) {
		out->text[out->length] = c;
		out->text[out->length + 1] = '\0';
	}
	out->length++;
}

void out_text(struct out *out, const char *text)
{
	for (; *text; text++)
		out_char(out, *text);
}

void out_safe(struct out *out, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		out_char(out, bytes[i] < ' ' || bytes[i] > '~' ? '?' : bytes[i]);
}

void out_number(struct out *out, uint64_t value, unsigned base)
{
	char buffer[24];
	unsigned used = 0;

	do
		buffer[used++] = "0123456789abcdef"[value % base];
	while (value /= base);
	if (base == 16)
		out_text(out, "0x");
	if (base == 8 && !(used == 1 && buffer[0] == '0'))
		out_char(out, '0');
	while (used)
		out_char(out, buffer[--used]);
}

void out_signed(struct out *out, int64_t value)
{
	if (value < 0)
		out_char(out, '-');
	out_number(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}
