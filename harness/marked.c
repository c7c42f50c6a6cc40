// SPDX-License-Identifier: MIT
// front end: a place in a line that a user wrote, shown with a caret below it.
#include "marked.h"

#include "report/say.h"

enum { WORD_MOST = 64 };

/* One column a character, so that the caret stands below its word. */
static void put_line(const struct marked *marked, FILE *stream)
{
	fputs("    ", stream);
	for (size_t i = 0, step; i < marked->length; i += step ? step : 1) {
		step = say_character(marked->line + i, marked->length - i);
		if (step)
			fwrite(marked->line + i, step, 1, stream);
		else
			fputc(marked->line[i] == '\t' ? ' ' : '?', stream);
	}
	fputc('\n', stream);
}

static void put_carets(const struct marked *marked, FILE *stream)
{
	size_t end = marked->at + (marked->count ? marked->count : 1);
	fputs("    ", stream);
	for (size_t i = 0, step; i < end; i += step ? step : 1) {
		step = i < marked->length ? say_character(marked->line + i, marked->length - i) : 1;
		fputc(i < marked->at ? ' ' : '^', stream);
	}
	fputc('\n', stream);
}

void marked_put(const struct marked *marked, FILE *stream)
{
	char word[4 * WORD_MOST + 8];
	say_message(marked->line + marked->at, marked->count, word, sizeof word);
	if (marked->count && marked->count <= WORD_MOST)
		fprintf(stream, ": '%s'", word);
	fputc('\n', stream);
	put_line(marked, stream);
	put_carets(marked, stream);
	if (marked->nearest)
		fprintf(stream, "    did you mean '%s'?\n", marked->nearest);
	if (marked->expected)
		fprintf(stream, "    expected: %s\n", marked->expected);
}
