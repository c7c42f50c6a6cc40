// SPDX-License-Identifier: MIT
// shim: shmcheck.h: names for stacks, asked of the shmcheck command in a process of its own.
#include "shim/ask.h"

#include "include/shmcheck.h"
#include "protocol/plan_text.h"
#include "protocol/question.h"
#include "shim/api.h"
#include "shim/module.h"

#include <errno.h>
#include <string.h>

static void out_key(struct out *out, int key)
{
	if (key == 0)
		out_text(out, "IPC_PRIVATE");
	else
		out_number(out, (uint32_t)key, 16);
}

/* Where the call returned to, by what the dynamic linker knows. */
static void out_caller(struct out *out, const void *caller)
{
	struct module module;

	out_text(out, "    ");
	if (!caller) {
		out_text(out,
			 "a call that was not seen: past the C library, or by another program after exec\n");
		return;
	}
	if (module_find((uintptr_t)caller, &module)) {
		out_text(out, module.map->l_name[0] ? module.map->l_name : "the program");
		out_text(out, "+");
		out_number(out, (uintptr_t)caller - 1 - module.map->l_addr, 16);
	} else {
		out_number(out, (uintptr_t)caller, 16);
	}
	out_text(out, " (without names: the shmcheck command was not found, see shmcheck(3))\n");
}

/* The same lines as the command's own, without names. */
static size_t explain_alone(const struct shmcheck_leak *leaks, size_t count, char *text, size_t size)
{
	struct out out = {.text = text, .size = size};

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct shmcheck_leak *leak = &leaks[i];

		out_text(&out, leak->kind == SHMCHECK_SEGMENT ? "segment " : "attachment of segment ");
		out_number(&out, (uint32_t)leak->shmid, 10);
		out_text(&out, " (");
		out_number(&out, leak->bytes, 10);
		out_text(&out, " bytes");
		if (leak->kind == SHMCHECK_SEGMENT) {
			out_text(&out, ", key ");
			out_key(&out, leak->key);
		}
		out_text(&out, ") is left:\n");
		out_caller(&out, leak->caller);
	}
	return out.length < size ? out.length : size - 1;
}

EXPORT size_t shmcheck_explain(const struct shmcheck_leak *leaks, size_t count, char *text, size_t size)
{
	long length;
	int error = errno;

	if (!text || size == 0)
		return 0;
	text[0] = '\0';
	if (!leaks || count == 0)
		return 0;
	if (count > QUESTION_LEAKS_MOST)
		count = QUESTION_LEAKS_MOST;
	length = ask(QUESTION_EXPLAIN, leaks, count, text, size);
	if (length <= 0)
		length = (long)explain_alone(leaks, count, text, size);
	errno = error;
	return (size_t)length;
}

static void copy_word(char *to, size_t size, struct word word)
{
	size_t length = word.length < size - 1 ? word.length : size - 1;

	memcpy(to, word.text ? word.text : "", length);
	to[length] = '\0';
}

EXPORT int shmcheck_place(const struct shmcheck_leak *leak, struct shmcheck_place *ret_place)
{
	char answer[1024] = "";
	struct word file, function;
	uint64_t line = 0;
	long length = leak && ret_place ? ask(QUESTION_PLACE, leak, 1, answer, sizeof(answer)) : 0;
	struct word number = word_cut(word_of(answer, length > 0 ? (size_t)length : 0), '\t', &file);

	if (length <= 0 || word_decimal(number, &line) || line == 0 || !file.text) {
		errno = ENOENT;
		return -1;
	}
	memset(ret_place, 0, sizeof(*ret_place));
	file = word_cut(file, '\t', &function);
	function = word_cut(function, '\n', &number);
	copy_word(ret_place->file, sizeof(ret_place->file), file);
	copy_word(ret_place->function, sizeof(ret_place->function), function);
	ret_place->line = (int)line;
	return 0;
}
