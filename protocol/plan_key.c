// SPDX-License-Identifier: MIT
// protocol: the keys of a rule: what each is called, how its value is read, which exclude each other.
#include "plan_key.h"
#include "plan_expression.h"

#include <errno.h>
#include <string.h>

int rule_fail(struct rule_reader *reader, struct word word, const char *what, const char *expected,
	      const char *nearest)
{
	*reader->error =
	    (struct rule_error){.word = word, .what = what, .expected = expected, .nearest = nearest};
	return -EINVAL;
}

/* One of a few words; its index, or -EINVAL. */
static int choose(struct rule_reader *reader, struct word value, const char *const names[2],
		  const char *third, const char *expected)
{
	struct nearest nearest = {0};
	const char *all[3] = {names[0], names[1], third};

	for (int i = 0; i < 3 && all[i]; i++) {
		if (word_is(value, all[i]))
			return i;
		nearest_try(&nearest, value, all[i]);
	}
	return rule_fail(reader, value, "unknown value", expected, nearest.name);
}

static int value_effect(struct rule_reader *reader, struct word value)
{
	int chosen = choose(reader, value, (const char *const[]){"skip", "after"}, NULL, "skip or after");

	if (chosen < 0)
		return chosen;
	reader->rule->after = (uint8_t)chosen;
	return 0;
}

static int value_scope(struct rule_reader *reader, struct word value)
{
	int chosen = choose(reader, value, (const char *const[]){"tree", "process"}, "thread",
			    "tree, process or thread");

	if (chosen < 0)
		return chosen;
	reader->rule->scope = (uint8_t)chosen;
	return 0;
}

static int value_expect(struct rule_reader *reader, struct word value)
{
	int chosen = choose(reader, value, (const char *const[]){"hit", "any"}, NULL, "hit or any");

	if (chosen < 0)
		return chosen;
	reader->rule->expect_any = (uint8_t)chosen;
	return 0;
}

static int value_if(struct rule_reader *reader, struct word value)
{
	struct expression_error error;

	if (expression_compile(value, &reader->rule->condition, &error))
		return rule_fail(reader, error.word, error.what, error.expected, error.nearest);
	return 0;
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || c == '-';
}

static int value_name(struct rule_reader *reader, struct word value)
{
	if (value.length >= PLAN_NAME)
		return rule_fail(reader, value, "this name is too long", "at most 31 characters", NULL);
	for (size_t i = 0; i < value.length; i++)
		if (!is_name_character(value.text[i]))
			return rule_fail(reader, word_of(value.text + i, 1), "not allowed in a name",
					 "letters, digits, '_', '.' and '-'", NULL);
	memcpy(reader->rule->name, value.text, value.length);
	return 0;
}

static int value_in(struct rule_reader *reader, struct word value)
{
	if (value.length >= PLAN_PATTERN)
		return rule_fail(reader, value, "this pattern is too long", "at most 127 characters", NULL);
	for (size_t i = 0; i < value.length; i++)
		if ((unsigned char)value.text[i] <= ' ' || value.text[i] == 0x7f)
			return rule_fail(
			    reader, word_of(value.text + i, 1), "not allowed in the name of a caller",
			    "a module such as libfoo.so.1, a path, or a function; * ? [a-z] match", NULL);
	memcpy(reader->rule->inside, value.text, value.length);
	return 0;
}

static const struct rule_key_row keys[KEY_COUNT] = {
    [KEY_ERROR] = {"error", "the call fails with this errno: error=ENOMEM", value_error},
    [KEY_RETVAL] = {"retval", "the call returns this: retval=0", value_retval},
    [KEY_EFFECT] = {"effect", "skip: no real call is made; after: it is made, then the result reported",
		    value_effect},
    [KEY_WORLD] = {"world", "change the world, then make the real call: world=removed", value_world},
    [KEY_SIGNAL] = {"signal", "sent when the call is done; before it: signal=SIGTERM@enter", value_signal},
    [KEY_DELAY_ENTER] = {"delay_enter", "wait before the call: delay_enter=10ms", value_delay_enter},
    [KEY_DELAY_EXIT] = {"delay_exit", "wait after the call: delay_exit=10ms", value_delay_exit},
    [KEY_WHEN] = {"when", "which matching calls: 3, 3+, 3..5, 3+2, 3..9+2", value_when},
    [KEY_P] = {"p", "with this probability, from the seed: p=0.05", value_probability},
    [KEY_SCOPE] = {"scope", "where the count runs: tree, process, thread", value_scope},
    [KEY_IF] = {"if", "a condition on the arguments: if=size>=4096&&flags&IPC_CREAT", value_if},
    [KEY_IN] = {"in", "the calling module, function or call site: in=libfoo.so.1, in=fio+0x1f2e", value_in},
    [KEY_NAME] = {"name", "what the rule is called in reports: name=first", value_name},
    [KEY_EXPECT] = {"expect", "hit: a rule that had no effect fails the run; any: it does not", value_expect},
};

const struct rule_key_row *rule_key_row(unsigned key)
{
	return key < KEY_COUNT ? &keys[key] : NULL;
}

static int find_key(struct rule_reader *reader, struct word name)
{
	struct nearest nearest = {0};

	for (int i = 0; i < KEY_COUNT; i++) {
		if (word_is(name, keys[i].name))
			return i;
		nearest_try(&nearest, name, keys[i].name);
	}
	return rule_fail(
	    reader, name, name.length ? "unknown key" : "a key is missing here",
	    "error, retval, effect, world, signal, delay_enter, delay_exit, when, p, scope, if, in, name "
	    "or expect",
	    nearest.name);
}

int rule_read_key(struct rule_reader *reader, struct word text)
{
	struct word value;
	struct word name = word_cut(text, '=', &value);
	int key = find_key(reader, name);

	if (key < 0)
		return key;
	if (reader->given[key].text)
		return rule_fail(reader, text, "this key was given before", NULL, NULL);
	reader->given[key] = text;
	if (!value.length)
		return rule_fail(reader,
				 value.text ? word_of(value.text, 0) : word_of(name.text + name.length, 0),
				 "a value is missing here", keys[key].meaning, NULL);
	return keys[key].read(reader, value);
}
