// SPDX-License-Identifier: MIT
// front end: from --inject and --inject-file to a compiled plan, and what to say about a bad rule.
#include "rules.h"

#include "error.h"
#include "marked.h"
#include "report/say.h"
#include "user_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 20 };

struct rules {
	struct plan *plan;
};

static struct plan *new_plan(uint32_t slots, uint64_t seed)
{
	uint64_t size = (plan_size(slots) + 63) & ~UINT64_C(63);
	struct plan *plan = aligned_alloc(64, size);

	if (plan)
		plan_init(plan, plan_size(slots), seed);
	return plan;
}

struct rules *rules_new(uint64_t seed)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return NULL;
	rules->plan = new_plan(0, seed);
	if (rules->plan)
		return rules;
	free(rules);
	return NULL;
}

static void print_error(const char *source, const char *text, size_t length, const struct plan_error *error,
			FILE *stream)
{
	char *from = say_printable(source);
	const char *line = text + error->line_start, *end = memchr(line, '\n', length - error->line_start);
	struct marked marked = {line,
				end ? (size_t)(end - line) : length - error->line_start,
				error->start - error->line_start,
				error->length,
				error->nearest,
				error->expected};

	fprintf(stream, "shmcheck: %s: ", from ? from : "?");
	free(from);
	if (memchr(text, '\n', length))
		fprintf(stream, "line %u, ", error->line);
	else if (memchr(text, ';', length))
		fprintf(stream, "rule %u, ", error->rule);
	fprintf(stream, "column %u: %s", error->column, error->what);
	marked_put(&marked, stream);
}

/* A text without a rule would be a run without its fault, and pass. */
static int add(struct rules *rules, const char *source, const char *text, size_t length, FILE *stream)
{
	struct plan_error error;
	uint32_t before = rules->plan->rule_count;
	int result = plan_parse(rules->plan, text, length, &error);

	if (result) {
		print_error(source, text, length, &error, stream);
	} else if (rules->plan->rule_count == before) {
		error_print_on(stream, "%s: there is no rule in it", source);
		result = -EINVAL;
	}
	return result;
}

int rules_add(struct rules *rules, const char *source, const char *text, FILE *stream)
{
	return add(rules, source, text, strlen(text), stream);
}

static int read_file(const char *path, char *buffer, size_t *ret_length)
{
	FILE *stream = stdin;
	int result = strcmp(path, "-") == 0 ? 0 : user_file_open(path, &stream);

	if (result)
		return result;
	*ret_length = fread(buffer, 1, FILE_LIMIT, stream);
	result = ferror(stream) ? -EIO : *ret_length == FILE_LIMIT ? -EFBIG : 0;
	if (stream != stdin)
		fclose(stream);
	return result;
}

int rules_add_file(struct rules *rules, const char *path, FILE *stream)
{
	char *buffer = malloc(FILE_LIMIT);
	size_t length = 0;
	int result = buffer ? read_file(path, buffer, &length) : -ENOMEM;

	if (result)
		error_print_on(stream, "--inject-file: cannot read '%s': %s", path, user_file_error(result));
	else
		result = add(rules, path, buffer, length, stream);
	free(buffer);
	return result;
}

/* Slots are only paid for when a rule counts by process or thread. */
static bool make_room(struct rules *rules)
{
	uint32_t slots = plan_slots_wanted(rules->plan);
	struct plan *plan;

	if (slots == rules->plan->slot_count)
		return true;
	plan = new_plan(slots, rules->plan->seed);
	if (!plan)
		return false;
	memcpy(plan->rules, rules->plan->rules, sizeof(plan->rules));
	plan->rule_count = rules->plan->rule_count;
	plan->counter_count = rules->plan->counter_count;
	plan_index(plan);
	free(rules->plan);
	rules->plan = plan;
	return true;
}

const struct plan *rules_plan(struct rules *rules, uint64_t *ret_size)
{
	if (!rules->plan->rule_count || !make_room(rules))
		return NULL;
	*ret_size = rules->plan->size;
	return rules->plan;
}

char *rules_text(const struct plan *plan)
{
	size_t room = (size_t)plan->rule_count * PLAN_TEXT + 1, at = 0;
	char *text = calloc(room, 1);

	for (uint32_t i = 0; text && i < plan->rule_count; i++) {
		int length = plan_print(&plan->rules[i], text + at, PLAN_TEXT);
		at += length > 0 ? (size_t)length : 0;
		text[at++] = '\n';
	}
	return text;
}

void rules_print(const struct plan *plan, FILE *stream)
{
	char text[PLAN_TEXT];

	for (uint32_t i = 0; i < plan->rule_count; i++)
		if (plan_print(&plan->rules[i], text, sizeof(text)) > 0)
			fprintf(stream, "rule %" PRIu32 ": %s\n", i + 1, text);
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	free(rules->plan);
	free(rules);
}
