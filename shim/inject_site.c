// SPDX-License-Identifier: MIT
// shim: in=MODULE+0xOFFSET<0xOFFSET...: one call site, and what called it.
#include "shim/inject_site.h"
#include "protocol/arena.h"
#include "shim/inject.h"
#include "shim/stack_reach.h"

#include <stddef.h>
#include <string.h>

enum { REACH = STACK_BYTES_MAX, CHUNK_WORDS = 64, HEX_BITS_MAX = 60 };

/* The number that TEXT begins with, "0x1f2e"; returns what follows it, or NULL. */
static const char *take_offset(const char *text, uintptr_t *ret_offset)
{
	uintptr_t offset = 0;
	const char *c = text + 2;

	if (text[0] != '0' || text[1] != 'x' || !*c)
		return NULL;
	for (; *c && *c != '<'; c++) {
		unsigned digit = *c >= '0' && *c <= '9'   ? (unsigned)(*c - '0')
				 : *c >= 'a' && *c <= 'f' ? (unsigned)(*c - 'a') + 10
							  : 16;

		if (digit == 16 || offset >> HEX_BITS_MAX)
			return NULL;
		offset = offset << 4 | digit;
	}
	if (c == text + 2)
		return NULL;
	*ret_offset = offset;
	return c;
}

/* Where the offsets begin; NULL when PATTERN has none, or what follows is none. */
static const char *offsets_of(const char *pattern)
{
	const char *plus = strrchr(pattern, '+'), *next = plus;
	uintptr_t offset;

	if (!plus || plus == pattern)
		return NULL;
	do {
		next = take_offset(next + 1, &offset);
		if (!next)
			return NULL;
	} while (*next == '<');
	return plus + 1;
}

bool site_is_one(const char *pattern)
{
	return offsets_of(pattern) != NULL;
}

/* The words above the stack pointer, a few at a time where they may not be touched directly. */
struct words {
	uintptr_t at, end;
	bool is_direct;
	uint64_t copy[CHUNK_WORDS];
	uint32_t copied, used;
};

static bool next_word(struct words *words, uint64_t *ret_word)
{
	if (words->at + sizeof(uint64_t) > words->end)
		return false;
	if (words->is_direct) {
		*ret_word = *(const uint64_t *)words->at;
		words->at += sizeof(uint64_t);
		return true;
	}
	if (words->used == words->copied) {
		uintptr_t left = words->end - words->at;
		uint32_t bytes = left < sizeof(words->copy) ? (uint32_t)left : sizeof(words->copy);

		words->copied = stack_copy(words->copy, words->at, bytes) / sizeof(uint64_t);
		words->used = 0;
		if (!words->copied)
			return false;
	}
	*ret_word = words->copy[words->used++];
	words->at += sizeof(uint64_t);
	return true;
}

/* Whether the offsets of CHAIN ("<0x2a10<0x3b20") stand on the stack in that order. */
static bool is_called_by(const char *chain, uintptr_t stack, uintptr_t base)
{
	struct words words = {.at = stack, .end = stack + REACH};
	uintptr_t end = reach_by_copy ? 0 : stack_reach(stack), offset;
	uint64_t word;

	words.is_direct = end != 0;
	if (end && end < words.end)
		words.end = end;
	while (*chain == '<') {
		chain = take_offset(chain + 1, &offset);
		do {
			if (!next_word(&words, &word))
				return false;
		} while (word != base + offset);
	}
	return true;
}

bool site_is_at(const char *pattern, const struct plan_call *call, const char *path, uintptr_t base)
{
	const char *offsets = offsets_of(pattern);
	size_t length = (size_t)(offsets - 1 - pattern);
	char module[PLAN_PATTERN];
	uintptr_t offset;
	const char *chain = take_offset(offsets, &offset);

	if (call->caller - base != offset || length >= sizeof(module))
		return false;
	memcpy(module, pattern, length);
	module[length] = '\0';
	return inject_is_module(module, path) &&
	       (*chain == '\0' || (call->stack && is_called_by(chain, call->stack, base)));
}
