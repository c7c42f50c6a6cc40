// SPDX-License-Identifier: MIT
// protocol: reads the values of a rule's keys: errnos, signals, durations, counts, probabilities, worlds.
#include "errno_name.h"
#include "plan_key.h"
#include "signal_name.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

int value_error(struct rule_reader *reader, struct word value)
{
	struct nearest nearest = {0};
	int error = errno_by_name(value.text, (unsigned)value.length);

	if (error > 0) {
		reader->rule->error = error;
		return 0;
	}
	for (unsigned i = 0; errno_name_at(i); i++)
		nearest_try(&nearest, value, errno_name_at(i));
	return rule_fail(reader, value, "unknown errno", "a name such as ENOMEM", nearest.name);
}

int value_retval(struct rule_reader *reader, struct word value)
{
	bool negative = value.length && *value.text == '-';
	struct word digits = negative ? word_of(value.text + 1, value.length - 1) : value;
	uint64_t number;
	int base, error = word_number(digits, &number, &base);

	if (error == -ERANGE || (negative && number > (uint64_t)INT64_MAX))
		return rule_fail(reader, value, "this number does not fit in 64 bits", NULL, NULL);
	if (error)
		return rule_fail(reader, value, "this is no number", "an integer: decimal, 0x… or 0…", NULL);
	reader->rule->value = (int64_t)(negative ? 0 - number : number);
	return 0;
}

static int signal_fail(struct rule_reader *reader, struct word value)
{
	struct nearest nearest = {0};

	for (unsigned i = 0; signal_name_at(i); i++) {
		nearest_try(&nearest, value, signal_name_at(i));
		nearest_try(&nearest, value, signal_name_at(i) + 3);
	}
	return rule_fail(reader, value, "unknown signal", "a name such as SIGTERM, or a number",
			 nearest.name);
}

int value_signal(struct rule_reader *reader, struct word value)
{
	struct word place;
	struct word name = word_cut(value, '@', &place);
	int signal = signal_by_name(name.text, (unsigned)name.length);

	if (signal <= 0)
		return signal_fail(reader, name);
	if (place.text && !word_is(place, "enter"))
		return rule_fail(reader, place, "unknown moment", "enter", place.length ? "enter" : NULL);
	reader->rule->signal = (uint8_t)signal;
	reader->rule->signal_enter = place.text != NULL;
	return 0;
}

static int read_duration(struct rule_reader *reader, struct word value, uint64_t *ret_ns)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
	size_t length = 0;
	uint64_t number;

	while (length < value.length && value.text[length] >= '0' && value.text[length] <= '9')
		length++;
	if (!length)
		return rule_fail(reader, value, "this is no duration", "digits and ns, us, ms or s: 50ms",
				 NULL);
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!word_is(word_of(value.text + length, value.length - length), units[i].name))
			continue;
		if (word_decimal(word_of(value.text, length), &number) ||
		    __builtin_mul_overflow(number, units[i].ns, &number) || number > INT64_MAX)
			return rule_fail(reader, value, "this duration is too long", "at most 292 years",
					 NULL);
		if (number == 0)
			return rule_fail(reader, value, "a delay of nothing has no effect", "more than 0",
					 NULL);
		*ret_ns = number;
		return 0;
	}
	return rule_fail(reader, word_of(value.text + length, value.length - length), "unknown unit of time",
			 "ns, us, ms or s", NULL);
}

int value_delay_enter(struct rule_reader *reader, struct word value)
{
	return read_duration(reader, value, &reader->rule->delay_enter_ns);
}

int value_delay_exit(struct rule_reader *reader, struct word value)
{
	return read_duration(reader, value, &reader->rule->delay_exit_ns);
}

#define WHEN_FORMS "F, F+, F..L, F+S or F..L+S, counted from 1"

static int read_count(struct rule_reader *reader, struct word word, uint64_t *ret_count)
{
	int error = word_decimal(word, ret_count);

	if (error == -ERANGE)
		return rule_fail(reader, word, "this number does not fit in 64 bits", WHEN_FORMS, NULL);
	if (error)
		return rule_fail(reader, word, word.length ? "this is no number" : "a number is missing here",
				 WHEN_FORMS, NULL);
	if (*ret_count == 0)
		return rule_fail(reader, word, "0 is no call", WHEN_FORMS, NULL);
	return 0;
}

/* An empty word that still has a place in the text. */
static struct word at(struct word word, const char *place)
{
	return word.text ? word : word_of(place, 0);
}

int value_when(struct rule_reader *reader, struct word value)
{
	struct plan_when when = {.step = 1};
	struct word step, last = {0};
	struct word range = word_cut(value, '+', &step), first = range;

	for (size_t i = 0; i + 1 < range.length && !last.text; i++) {
		if (range.text[i] != '.' || range.text[i + 1] != '.')
			continue;
		first = word_of(range.text, i);
		last = word_of(range.text + i + 2, range.length - i - 2);
	}
	if (read_count(reader, first, &when.first))
		return -EINVAL;
	when.last = step.text ? PLAN_FOREVER : when.first;
	if (last.text && read_count(reader, last, &when.last))
		return -EINVAL;
	if (when.last < when.first)
		return rule_fail(reader, range, "the last comes before the first", WHEN_FORMS, NULL);
	/* "F..L+" would say no more than "F..L". */
	if (step.text && (step.length || last.text) &&
	    read_count(reader, at(step, value.text + value.length), &when.step))
		return -EINVAL;
	if (when.first == when.last)
		when.step = 1;
	reader->rule->when = when;
	return 0;
}

#define P_FORM "more than 0 and at most 1, with up to 9 digits after the point: 0.05"

int value_probability(struct rule_reader *reader, struct word value)
{
	struct word fraction, whole = word_cut(value, '.', &fraction);
	uint64_t ones, parts = 0;

	if (word_decimal(whole, &ones) || (fraction.text && word_decimal(fraction, &parts)))
		return rule_fail(reader, value, "this is no probability", P_FORM, NULL);
	if (fraction.length > 9 || ones > 1)
		return rule_fail(reader, value, "this is no probability", P_FORM, NULL);
	for (size_t i = fraction.length; i < 9; i++)
		parts *= 10;
	parts += ones * PLAN_CERTAIN;
	if (parts == 0 || parts > PLAN_CERTAIN)
		return rule_fail(reader, value, "this is no probability", P_FORM, NULL);
	reader->rule->p = (uint32_t)parts;
	return 0;
}

static int world_fail(struct rule_reader *reader, struct word name)
{
	struct nearest nearest = {0};

	for (unsigned i = 1; i < WORLD_COUNT; i++)
		nearest_try(&nearest, name, plan_world_row(i)->name);
	return rule_fail(reader, name, "unknown world",
			 "removed, stale[,SIZE], full, small, denied, collide or relocate", nearest.name);
}

int value_world(struct rule_reader *reader, struct word value)
{
	struct word size, name = word_cut(value, ',', &size);
	unsigned world = 1;
	int base;

	while (world < WORLD_COUNT && !word_is(name, plan_world_row(world)->name))
		world++;
	if (world == WORLD_COUNT)
		return world_fail(reader, name);
	reader->rule->world = (uint8_t)world;
	if (!size.text)
		return 0;
	if (world != WORLD_STALE)
		return rule_fail(reader, size, "only stale takes a size", NULL, NULL);
	if (word_number(size, &reader->rule->world_size, &base) || !reader->rule->world_size ||
	    reader->rule->world_size > INT64_MAX)
		return rule_fail(reader, at(size, value.text + value.length), "this is no size",
				 "bytes, at least 1", NULL);
	return 0;
}
