// SPDX-License-Identifier: MIT
// analysis: suppressions: lines that say which findings are known, and why.
#ifndef SHMCHECK_HARNESS_ANALYZE_SUPPRESS_H
#define SHMCHECK_HARNESS_ANALYZE_SUPPRESS_H

#include "stack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A line is ID [':' WORD=VALUE…] ['#' reason]: "segment-leak:key=0x52e2c1 comm=postgres fun=shm_init # reason".
 * ID and values are globs (fnmatch(3)); all words of a line must match. A value with spaces stands in "…". */
enum suppress_word {
	SUPPRESS_KEY, /* the segment's key: a number, or IPC_PRIVATE; or a glob on 0x%08x */
	SUPPRESS_COMM, /* the process: its name, as ps -o comm has it */
	SUPPRESS_FUN, /* a function on one of the finding's stacks; repeatable */
	SUPPRESS_OBJ, /* a binary on one of them: its path or its file name; repeatable */
	SUPPRESS_FILE, /* a source file on one of them: its path or its file name; repeatable */
	SUPPRESS_EXPIRES, /* the last day on which the line holds: 2027-01-31 (UTC) */
	SUPPRESS_WORDS
};

struct suppress_condition {
	enum suppress_word word;
	char *value; /* owned */
};

enum { SUPPRESS_CONDITIONS_MAX = 16 };

struct suppression {
	const char *file; /* where it stands */
	unsigned line;
	char *text; /* owned: the line without its reason */
	char *reason; /* owned; "" */
	char *id; /* owned glob */
	struct suppress_condition conditions[SUPPRESS_CONDITIONS_MAX];
	size_t count;
	bool is_expired;
	uint64_t used; /* findings that it matched */
};

struct suppressions {
	struct suppression *list; /* owned, in order */
	size_t count;
	int64_t today; /* days since 1970-01-01 */
	const char *const *ids; /* all that an ID can be, ending with NULL */
};

/* What a suppression is held against. NULL: unknown, matches nothing. */
struct suppress_subject {
	const char *id;
	bool has_key;
	int32_t key;
	const char *comms[2]; /* of the call's process, of the segment's maker */
	const struct frame *frames[3]; /* of each of its stacks */
	size_t frame_counts[3];
};

/* Adds the lines of FILE ("-": standard input; the name must outlive the list). Returns 0, or -errno (-EINVAL: a bad line) after
 * saying on COMPLAINTS what is wrong, where, and what would be right. */
int suppressions_read(struct suppressions *list, const char *file, FILE *complaints);

/* The same from a string: for tests. */
int suppressions_parse(struct suppressions *list, const char *file, const char *text, FILE *complaints);

/* The first line that matches SUBJECT and has not expired, counted as used; expired ones that match are counted too.
 * NULL: none. */
const struct suppression *suppressions_match(struct suppressions *list,
					     const struct suppress_subject *subject);

void suppressions_free(struct suppressions *list);

/* Days since 1970-01-01 of "YYYY-MM-DD"; -1 when it is no day of the calendar. */
int64_t suppress_day(const char *text);

const char *suppress_word_name(enum suppress_word word);

/* A line that matches SUBJECT and little else, without a newline. Freed by the caller; NULL: no memory. */
char *suppress_line(const struct suppress_subject *subject);

#endif
