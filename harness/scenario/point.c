// SPDX-License-Identifier: MIT
// scenario: points in the life of processes, as files name them: "writer.shmctl.RMID.2".
#include "point.h"

#include "harness/error.h"
#include "protocol/call.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MOST = 24 };
#define EXPECTED "expected ROLE.CALL.N, ROLE.point.NAME, ROLE.start or ROLE.exit"

/* The text, word for word between its dots. */
struct words {
	const char *text;
	size_t length, at; /* at: where the next word begins */
	struct text_error *error;
};

static int complain(const struct words *words, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int complain(const struct words *words, size_t offset, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	words->error->offset = offset;
	vsnprintf(words->error->what, sizeof words->error->what, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* The next word; "" when there is none. */
static void take(struct words *words, char *ret_word, size_t size)
{
	size_t length = 0;
	const char *from = words->text + words->at;
	while (words->at + length < words->length && from[length] != '.')
		length++;
	snprintf(ret_word, size, "%.*s", (int)length, from);
	words->at += length + 1;
}

static bool is_word(const char *text, bool is_role)
{
	if (!isalnum((unsigned char)*text) && *text != '_')
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-' &&
		    !(is_role && *text == '@'))
			return false;
	return true;
}

/* The N behind a call or a name; 1 without. */
static int take_number(struct words *words, uint32_t *ret_n)
{
	char word[16], *end;
	size_t offset = words->at;
	*ret_n = 1;
	if (words->at >= words->length)
		return 0;
	take(words, word, sizeof word);
	unsigned long n = strtoul(word, &end, 10);
	if (!isdigit((unsigned char)word[0]) || *end || n == 0 || n > 1000000000)
		return complain(words, offset, "'%s': expected a number, counted from 1", word);
	if (words->at < words->length)
		return complain(words, words->at, "nothing may follow the number: " EXPECTED);
	*ret_n = (uint32_t)n;
	return 0;
}

/* shmctl's command, when one is named. */
static int take_command(struct words *words, struct order_place *place)
{
	char word[24];
	const char *names[WORDS_MOST];
	unsigned count;
	const struct shmctl_row *rows = shmctl_rows(&count);
	size_t offset = words->at;
	if (words->at >= words->length || isdigit((unsigned char)words->text[words->at]))
		return 0;
	take(words, word, sizeof word);
	for (unsigned i = 0; i < count && i < WORDS_MOST; i++) {
		names[i] = rows[i].suffix;
		if (strcmp(rows[i].suffix, word) == 0)
			place->command = i + 1;
	}
	if (place->command)
		return 0;
	const char *near = error_nearest(word, names, count);
	return complain(words, offset, "unknown command '%s' of shmctl: %s%s%s", word,
			near ? "did you mean '" : "expected one such as RMID, STAT or SET", near ? near : "",
			near ? "'?" : "");
}

static int take_name(struct words *words, struct order_place *place)
{
	size_t offset = words->at;
	take(words, place->name, sizeof place->name);
	if (words->at - 1 - offset >= sizeof place->name || !is_word(place->name, false))
		return complain(words, offset,
				"'%s' is no name of a point: expected letters, digits, _ and -, at most %zu",
				place->name, sizeof place->name - 1);
	return 0;
}

static int reject(const struct words *words, size_t offset, const char *word)
{
	const char *names[WORDS_MOST] = {"start", "exit", "point"};
	unsigned count = 3;
	for (unsigned call = 0; call < CALL_COUNT && count < WORDS_MOST; call++)
		names[count++] = call_row(call)->name;
	const char *near = error_nearest(word, names, count);
	return complain(words, offset, "unknown call '%s': %s%s%s", word,
			near ? "did you mean '" : "expected a call such as shmget, point, start or exit",
			near ? near : "", near ? "'?" : "");
}

/* What stands behind the role. */
static int take_event(struct words *words, struct place_text *point)
{
	char word[24];
	size_t offset = words->at;
	struct order_place *place = &point->place;
	take(words, word, sizeof word);
	int call = call_by_name(word, (unsigned)strlen(word)), code = 0;
	bool is_end = strcmp(word, "exit") == 0, is_once = is_end || strcmp(word, "start") == 0;
	if (is_once) {
		place->event = is_end ? EVENT_EXIT : EVENT_START;
		point->n = 1;
		return words->at < words->length
			   ? complain(words, words->at, "there is one %s: nothing may follow it", word)
			   : 0;
	}
	if (strcmp(word, "point") == 0) {
		place->event = EVENT_POINT;
		code = take_name(words, place);
	} else if (call < 0) {
		return reject(words, offset, word);
	} else {
		place->event = (uint32_t)call;
		code = call == CALL_SHMCTL ? take_command(words, place) : 0;
	}
	return code ? code : take_number(words, &point->n);
}

int point_parse(const char *text, size_t length, struct place_text *ret_point, struct text_error *error)
{
	struct words words = {text, length, 0, error};
	struct place_text point = {.n = 1};
	take(&words, point.role, sizeof point.role);
	if (words.at > sizeof point.role || !is_word(point.role, true))
		return complain(&words, 0, "'%.*s' does not begin with the name of a process: " EXPECTED,
				(int)(length < 60 ? length : 60), text);
	if (words.at >= length)
		return complain(&words, 0, "'%s' is no point: " EXPECTED, point.role);
	int code = take_event(&words, &point);
	if (!code)
		*ret_point = point;
	return code;
}

int point_print(const struct order_place *place, uint32_t n, char *text, size_t size)
{
	unsigned count;
	const struct shmctl_row *rows = shmctl_rows(&count);
	if (place->event == EVENT_START || place->event == EVENT_EXIT)
		return snprintf(text, size, "%s.%s", place->role, event_name(place->event));
	if (place->event == EVENT_POINT)
		return snprintf(text, size, "%s.point.%s.%u", place->role, place->name, n);
	if (place->command)
		return snprintf(text, size, "%s.%s.%s.%u", place->role, event_name(place->event),
				rows[place->command - 1].suffix, n);
	return snprintf(text, size, "%s.%s.%u", place->role, event_name(place->event), n);
}
