// SPDX-License-Identifier: MIT
// front end: the options that commands have, by name, and the words of a command line that are none.
#include "options_known.h"

#include "command.h"
#include "error.h"
#include "options_value.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 128, LIST_MAX = 256 };

static bool has(const struct command *command, const struct option_group *group)
{
	return !group->takes || command->takes & group->takes;
}

static bool is_named(const struct argp_option *option, const char *name, size_t length)
{
	return option->name && strlen(option->name) == length && strncmp(option->name, name, length) == 0;
}

struct known_option known_option_find(const struct command *command, const char *name, size_t length)
{
	struct known_option found = {NULL, NULL};
	for (const struct option_group *group = option_groups; group->argp; group++)
		for (const struct argp_option *option = group->argp->options; option->name || option->doc;
		     option++) {
			bool is_short = length == 1 && option->key == (unsigned char)name[0];
			if ((is_short || is_named(option, name, length)) &&
			    (!found.option || has(command, group)))
				found = (struct known_option){option, group};
		}
	return found;
}

const char *known_option_nearest(const struct command *command, const char *word)
{
	const char *names[NAMES_MAX];
	char name[64];
	unsigned count = 0;
	int length = snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
	for (const struct option_group *group = option_groups; group->argp; group++)
		for (const struct argp_option *option = group->argp->options; option->name || option->doc;
		     option++)
			if (option->name && count < NAMES_MAX &&
			    (command ? has(command, group) : group->takes != 0))
				names[count++] = option->name;
	for (unsigned i = 0; length && i < count; i++)
		if (strncmp(names[i], name, (size_t)length) == 0)
			return names[i];
	return error_nearest(name, names, count);
}

bool known_option_needs_value(const struct argp_option *option)
{
	return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

/* The commands that have an option of this name: "run and explore". */
static void list_commands(const char *name, size_t length, char *list, size_t size)
{
	size_t used = 0;
	list[0] = '\0';
	for (const struct command *command = commands; command->name && used < size; command++) {
		struct known_option known = known_option_find(command, name, length);
		if (known.option && has(command, known.group))
			used += (size_t)snprintf(list + used, size - used, "%s%s", used ? " and " : "",
						 command->name);
	}
}

static void __attribute__((noreturn))
refuse(const struct command *command, const struct argp_state *state, const char *word, size_t length)
{
	char list[LIST_MAX];
	struct known_option other = known_option_find(command, word + 2, length);
	if (length && other.option) {
		list_commands(word + 2, length, list, sizeof list);
		option_error(state, "%s has no option --%s, only %s", command->name, other.option->name,
			     list);
	}
	const char *near = known_option_nearest(command, word);
	option_error(state, "there is no option '%s'%s%s%s", word, near ? "; did you mean '--" : "",
		     near ? near : "", near ? "'?" : "");
}

/* COMMAND's option that the LENGTH bytes at NAME begin; *ret_count is how many they begin, and LIST their names. */
static const struct argp_option *complete(const struct command *command, const char *name, size_t length,
					  unsigned *ret_count, char *list)
{
	const struct argp_option *found = NULL;
	size_t used = 0;
	*ret_count = 0;
	for (const struct option_group *group = option_groups; group->argp; group++)
		for (const struct argp_option *option = group->argp->options; option->name || option->doc;
		     option++) {
			if (!has(command, group) || !option->name || strncmp(option->name, name, length) != 0)
				continue;
			if (used < LIST_MAX)
				used += (size_t)snprintf(list + used, LIST_MAX - used, "%s--%s",
							 used ? ", " : "", option->name);
			found = option;
			++*ret_count;
		}
	return found;
}

/* Whether the next word is this one's value. */
static bool check_long(const struct command *command, const struct argp_state *state, const char *word)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	char list[LIST_MAX];
	unsigned count = 1;
	struct known_option known =
	    known_option_find(command, length > 1 ? name : "", length > 1 ? length : 0);
	const struct argp_option *option = known.option && has(command, known.group)
					       ? known.option
					       : complete(command, name, length, &count, list);
	if (!count || !length)
		refuse(command, state, word, length > 1 ? length : 0);
	if (count > 1)
		option_error(state, "'%s' can be %s", word, list);
	if (!option->arg && name[length])
		option_error(state, "'%s': --%s takes no value", word, option->name);
	return known_option_needs_value(option) && !name[length];
}

/* The same for letters: "-qj4". */
static bool check_letters(const struct command *command, const struct argp_state *state, const char *word)
{
	for (const char *letter = word + 1; *letter; letter++) {
		struct known_option known = known_option_find(command, letter, 1);
		if (!known.option || !has(command, known.group))
			option_error(state, "there is no option '-%.1s'%s%s%s", letter,
				     word[2] ? " in '" : "", word[2] ? word : "", word[2] ? "'" : "");
		if (known.option->arg)
			return !letter[1];
	}
	return false;
}

void known_options_check(const struct command *command, struct argp_state *state)
{
	for (int i = 1; i < state->argc; i++) {
		const char *word = state->argv[i];
		if (word[0] != '-' || !word[1] || strcmp(word, "--") == 0)
			return;
		if (word[1] == '-' ? check_long(command, state, word) : check_letters(command, state, word))
			if (!state->argv[++i])
				option_error(state, "'%s' needs a value", word);
	}
}
