// SPDX-License-Identifier: MIT
// front end: a place in a line that a user wrote, shown with a caret below it.
#include "marked.h"

#include "report/say.h"

enum { WORD_MOST = 64, SHOWN_MOST = 160, SHOWN_BEFORE = 80 };

/* What of a line is shown: bytes FROM to TO. */
struct window {
	size_t from, to;
};

/* The first byte of a character, AT or behind it. */
static size_t next_character(const struct marked *marked, size_t at)
{
	while (at < marked->length && ((unsigned char)marked->line[at] & 0xc0) == 0x80)
		at++;
	return at;
}

/* A long line would push what is said about it off the screen. */
static struct window choose_window(const struct marked *marked)
{
	struct window window = {0, marked->length};
	if (marked->at > SHOWN_BEFORE && marked->length > SHOWN_MOST)
		window.from = next_character(marked, marked->at - SHOWN_BEFORE);
	if (window.to - window.from > SHOWN_MOST)
		window.to = next_character(marked, window.from + SHOWN_MOST);
	return window;
}

/* One column a character, so that the caret stands below its word. */
static void put_line(const struct marked *marked, struct window window, FILE *stream)
{
	fputs(window.from ? "    ..." : "    ", stream);
	for (size_t i = window.from, step; i < window.to; i += step ? step : 1) {
		step = say_character(marked->line + i, marked->length - i);
		if (step)
			fwrite(marked->line + i, step, 1, stream);
		else
			fputc(marked->line[i] == '\t' ? ' ' : '?', stream);
	}
	fputs(window.to < marked->length ? "...\n" : "\n", stream);
}

static void put_carets(const struct marked *marked, struct window window, FILE *stream)
{
	size_t end = marked->at + (marked->count ? marked->count : 1);
	if (end > window.to && window.to < marked->length)
		end = window.to;
	fputs(window.from ? "       " : "    ", stream);
	for (size_t i = window.from, step; i < end; i += step ? step : 1) {
		step = i < marked->length ? say_character(marked->line + i, marked->length - i) : 1;
		fputc(i < marked->at ? ' ' : '^', stream);
	}
	fputc('\n', stream);
}

void marked_put(const struct marked *marked, FILE *stream)
{
	struct window window = choose_window(marked);
	char word[4 * WORD_MOST + 8];
	say_message(marked->line + marked->at, marked->count, word, sizeof word);
	if (marked->count && marked->count <= WORD_MOST)
		fprintf(stream, ": '%s'", word);
	fputc('\n', stream);
	put_line(marked, window, stream);
	put_carets(marked, window, stream);
	if (marked->nearest)
		fprintf(stream, "    did you mean '%s'?\n", marked->nearest);
	if (marked->expected)
		fprintf(stream, "    expected: %s\n", marked->expected);
}
