// SPDX-License-Identifier: MIT
// protocol: the keys of a rule: what each is called, how its value is read, which exclude each other.
#ifndef SHMCHECK_PROTOCOL_PLAN_KEY_H
#define SHMCHECK_PROTOCOL_PLAN_KEY_H

#include "plan.h"
#include "plan_text.h"

enum plan_key {
	KEY_ERROR,
	KEY_RETVAL,
	KEY_EFFECT,
	KEY_WORLD,
	KEY_SIGNAL,
	KEY_DELAY_ENTER,
	KEY_DELAY_EXIT,
	KEY_WHEN,
	KEY_P,
	KEY_SCOPE,
	KEY_IF,
	KEY_IN,
	KEY_NAME,
	KEY_EXPECT,
	KEY_COUNT
};

/* What is wrong, and with which word. */
struct rule_error {
	struct word word;
	const char *what, *expected, *nearest;
};

/* A rule while it is read. */
struct rule_reader {
	struct plan_rule *rule;
	struct word given[KEY_COUNT]; /* "key=value" as written; text NULL: not given */
	struct rule_error *error;
};

/* Always -EINVAL, with the error filled in. */
int rule_fail(struct rule_reader *reader, struct word word, const char *what, const char *expected,
	      const char *nearest);

/* Reads one "key=value". Returns 0 or -EINVAL. */
int rule_read_key(struct rule_reader *reader, struct word text);

/* Looks for contradictions and fills in what was left out. Returns 0 or -EINVAL. */
int rule_check(struct rule_reader *reader, struct word head);

/* A key by its enum: its name, one line on it, and what reads its value; NULL past the end. */
struct rule_key_row {
	const char *name;
	const char *meaning;
	int (*read)(struct rule_reader *reader, struct word value);
};
const struct rule_key_row *rule_key_row(unsigned key);

/* The values' readers, in plan_value.c. Each returns 0 or -EINVAL. */
int value_error(struct rule_reader *reader, struct word value);
int value_retval(struct rule_reader *reader, struct word value);
int value_world(struct rule_reader *reader, struct word value);
int value_signal(struct rule_reader *reader, struct word value);
int value_delay_enter(struct rule_reader *reader, struct word value);
int value_delay_exit(struct rule_reader *reader, struct word value);
int value_when(struct rule_reader *reader, struct word value);
int value_probability(struct rule_reader *reader, struct word value);

#endif
