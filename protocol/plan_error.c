// SPDX-License-Identifier: MIT
// protocol: what is wrong with a rule, in one line.
#include "plan.h"
#include "plan_text.h"

enum { WORD_MAX = 64 };

static void put_word(struct out *out, const char *text, size_t length)
{
	out_safe(out, text, length < WORD_MAX ? length : WORD_MAX);
	if (length > WORD_MAX)
		out_text(out, "...");
}

void plan_error_line(const struct plan_error *error, const char *text, char *buffer, size_t size)
{
	struct out out = {.text = buffer, .size = size};

	out_text(&out, "rule ");
	out_number(&out, error->rule, 10);
	if (error->line > 1) {
		out_text(&out, ", line ");
		out_number(&out, error->line, 10);
	}
	out_text(&out, ", column ");
	out_number(&out, error->column, 10);
	out_text(&out, ": ");
	out_text(&out, error->what);
	if (error->length) {
		out_text(&out, ": '");
		put_word(&out, text + error->start, error->length);
		out_char(&out, '\'');
	}
	if (error->nearest) {
		out_text(&out, ", did you mean '");
		out_text(&out, error->nearest);
		out_text(&out, "'?");
	}
	if (error->expected) {
		out_text(&out, " (expected: ");
		out_text(&out, error->expected);
		out_char(&out, ')');
	}
}
