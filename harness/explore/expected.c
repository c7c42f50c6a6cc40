// SPDX-License-Identifier: MIT
// explore: what a program prints without a fault, learnt from several runs of it.
#include "expected.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	CELLS_MOST = 4 << 20, /* of the table that finds common lines; longer stretches are not looked into */
	SINGULAR =
	    1000 /* what a line that comes once weighs against those that are repeated: they tell less */
};

/* The expected lines beside those of an output. */
struct alignment {
	const struct expected *expected;
	struct output_lines lines;
	size_t *partner; /* by token: the line that it has in common with the output, from 1; 0: none */
	uint32_t *weight; /* by token: what it is worth to have that in common */
};

/* Tokens and lines between two that are in common, or before, or behind them. */
struct gap {
	size_t token, token_end, line, line_end;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static bool is_literal(uint64_t token)
{
	return token > EXPECTED_LINES;
}

/* As a shell matches a name with ? and *. */
static bool matches(const struct expected *expected, const struct output_lines *lines)
{
	size_t token = 0, line = 0, after_any = 0, resume = 0; /* behind the last EXPECTED_LINES; 0: none */
	while (line < lines->count) {
		uint64_t wanted = token < expected->count ? expected->tokens[token] : EXPECTED_LINES;
		if (token < expected->count && wanted == EXPECTED_LINES) {
			after_any = ++token;
			resume = line;
		} else if (token < expected->count &&
			   (wanted == EXPECTED_LINE || wanted == lines->list[line])) {
			token++;
			line++;
		} else if (after_any) {
			token = after_any;
			line = ++resume;
		} else {
			return false;
		}
	}
	while (token < expected->count && expected->tokens[token] == EXPECTED_LINES)
		token++;
	return token == expected->count;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static uint64_t *sorted(const uint64_t *list, size_t count)
{
	uint64_t *copy = malloc((count + 1) * sizeof *copy);
	if (copy && count) {
		memcpy(copy, list, count * sizeof *copy);
		qsort(copy, count, sizeof *copy, by_value);
	}
	return copy;
}

/* Whether WANTED is in the sorted LIST once. */
static bool is_once(const uint64_t *list, size_t count, uint64_t wanted)
{
	const uint64_t *found = bsearch(&wanted, list, count, sizeof *list, by_value);
	return found && (found == list || found[-1] != wanted) &&
	       (found + 1 == list + count || found[1] != wanted);
}

/* Keeps of the sorted lines in ONCE those that the sorted LIST has once as well. Returns how many are left. */
static size_t keep_once(uint64_t *once, size_t once_count, const uint64_t *list, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < once_count; i++)
		if (is_once(list, count, once[i]))
			once[kept++] = once[i];
	return kept;
}

static int put_weights(struct alignment *alignment)
{
	const struct expected *expected = alignment->expected;
	uint64_t *tokens = sorted(expected->tokens, expected->count);
	uint64_t *lines = sorted(alignment->lines.list, alignment->lines.count);
	for (size_t i = 0; tokens && lines && i < expected->count; i++) {
		uint64_t wanted = expected->tokens[i];
		bool is_singular = is_once(tokens, expected->count, wanted) &&
				   is_once(lines, alignment->lines.count, wanted);
		alignment->weight[i] = is_singular ? SINGULAR : 1;
	}
	int code = tokens && lines ? 0 : -ENOMEM;
	free(tokens);
	free(lines);
	return code;
}

/* Line by line, where the numbers are the same. Returns what is in common, by weight. */
static uint64_t pair_by_number(const struct alignment *alignment, const struct gap *gap, size_t *partner)
{
	uint64_t weight = 0;
	if (gap->token_end - gap->token != gap->line_end - gap->line)
		return 0;
	for (size_t i = gap->token, k = gap->line; i < gap->token_end; i++, k++) {
		bool is_same = alignment->expected->tokens[i] == alignment->lines.list[k];
		partner[i] = is_same ? k + 1 : 0;
		weight += is_same ? alignment->weight[i] : 0;
	}
	return weight;
}

/* The sequence of lines that both have and that weighs most. TABLE[i][k]: its weight behind token I and line K of the
 * gap. */
static uint64_t pair_heaviest(const struct alignment *alignment, const struct gap *gap, size_t *partner)
{
	const uint64_t *tokens = alignment->expected->tokens + gap->token;
	const uint64_t *lines = alignment->lines.list + gap->line;
	size_t rows = gap->token_end - gap->token, columns = gap->line_end - gap->line, width = columns + 1;
	const uint32_t *weight = alignment->weight + gap->token;
	uint32_t *table = rows < CELLS_MOST / width ? calloc((rows + 1) * width, sizeof *table) : NULL;
	if (!table)
		return 0;
	for (size_t i = rows; i-- > 0;)
		for (size_t k = columns; k-- > 0;) {
			uint32_t down = table[(i + 1) * width + k], right = table[i * width + k + 1];
			uint32_t both = table[(i + 1) * width + k + 1] + weight[i];
			table[i * width + k] = tokens[i] == lines[k] ? both : down > right ? down : right;
		}
	uint64_t heaviest = table[0];
	for (size_t i = 0, k = 0; i < rows && k < columns;) {
		if (tokens[i] == lines[k])
			partner[gap->token + i++] = gap->line + ++k;
		else if (table[(i + 1) * width + k] >= table[i * width + k + 1])
			i++;
		else
			k++;
	}
	free(table);
	return heaviest;
}

/* What lies between the lines that are the same at the beginning and at the end. */
static struct gap trim(struct alignment *alignment)
{
	const uint64_t *tokens = alignment->expected->tokens, *lines = alignment->lines.list;
	struct gap gap = {0, alignment->expected->count, 0, alignment->lines.count};
	while (gap.token < gap.token_end && gap.line < gap.line_end && tokens[gap.token] == lines[gap.line])
		alignment->partner[gap.token++] = ++gap.line;
	while (gap.token < gap.token_end && gap.line < gap.line_end &&
	       tokens[gap.token_end - 1] == lines[gap.line_end - 1])
		alignment->partner[--gap.token_end] = gap.line_end--;
	return gap;
}

static void alignment_free(struct alignment *alignment)
{
	free(alignment->lines.list);
	free(alignment->partner);
	free(alignment->weight);
}

static int align(const struct expected *expected, const struct output *output, struct alignment *alignment)
{
	*alignment = (struct alignment){.expected = expected};
	size_t *heaviest = calloc(expected->count + 1, sizeof *heaviest);
	alignment->partner = calloc(expected->count + 1, sizeof *alignment->partner);
	alignment->weight = calloc(expected->count + 1, sizeof *alignment->weight);
	if (!heaviest || !alignment->partner || !alignment->weight ||
	    output_split(output, &alignment->lines) || put_weights(alignment)) {
		free(heaviest);
		alignment_free(alignment);
		return -ENOMEM;
	}
	struct gap gap = trim(alignment);
	uint64_t by_number = pair_by_number(alignment, &gap, alignment->partner);
	if (pair_heaviest(alignment, &gap, heaviest) > by_number)
		memcpy(alignment->partner + gap.token, heaviest + gap.token,
		       (gap.token_end - gap.token) * sizeof *heaviest);
	free(heaviest);
	return 0;
}

/* The gap behind those before *GAP; false: there is none. Each but the last ends at a line in common. */
static bool next_gap(const struct alignment *alignment, struct gap *gap)
{
	size_t tokens = alignment->expected->count;
	if (gap->token_end > tokens)
		return false;
	gap->token = gap->token_end;
	gap->line = gap->line_end;
	while (gap->token_end < tokens && !alignment->partner[gap->token_end])
		gap->token_end++;
	gap->line_end =
	    gap->token_end < tokens ? alignment->partner[gap->token_end] - 1 : alignment->lines.count;
	return true;
}

/* Moves *GAP behind the line in common that it ends at. */
static void pass(struct gap *gap)
{
	gap->token_end++;
	gap->line_end++;
}

/* Any number of lines may stand there. */
static bool is_open(const struct alignment *alignment, const struct gap *gap)
{
	for (size_t i = gap->token; i < gap->token_end; i++)
		if (alignment->expected->tokens[i] == EXPECTED_LINES)
			return true;
	return false;
}

static bool is_as_long(const struct gap *gap)
{
	return gap->token_end - gap->token == gap->line_end - gap->line;
}

static int widen(struct expected *expected, const struct alignment *alignment)
{
	uint64_t *tokens = malloc((2 * expected->count + 2) * sizeof *tokens);
	size_t count = 0;
	if (!tokens)
		return -ENOMEM;
	for (struct gap gap = {0}; next_gap(alignment, &gap); pass(&gap)) {
		if (is_open(alignment, &gap) || !is_as_long(&gap))
			tokens[count++] = EXPECTED_LINES;
		else
			for (size_t i = gap.token; i < gap.token_end; i++)
				tokens[count++] = EXPECTED_LINE;
		if (gap.token_end < expected->count)
			tokens[count++] = expected->tokens[gap.token_end];
	}
	free(expected->tokens);
	expected->tokens = tokens;
	expected->count = count;
	return 0;
}

static int begin(struct expected *expected, const struct output *output)
{
	struct output_lines lines;
	int code = output_split(output, &lines);
	if (code)
		return code;
	uint64_t *all = sorted(lines.list, lines.count), *once = sorted(lines.list, lines.count);
	*expected =
	    (struct expected){.tokens = lines.list, .count = lines.count, .once = once, .is_begun = true};
	if (all && once)
		expected->once_count = keep_once(once, lines.count, all, lines.count);
	free(all);
	return all && once ? 1 : -ENOMEM;
}

/* *RET_HASH is of the lines that all had once and that OUTPUT has not; 0: it has every one. Returns 0 or -ENOMEM. */
static int missing_of_once(const struct expected *expected, const struct output *output, uint64_t *ret_hash)
{
	struct output_lines lines;
	int code = output_split(output, &lines);
	if (code)
		return code;
	uint64_t *all = sorted(lines.list, lines.count);
	uint64_t hash = 0;
	for (size_t i = 0; all && i < expected->once_count; i++)
		if (!bsearch(&expected->once[i], all, lines.count, sizeof *all, by_value))
			hash = mix(hash, expected->once[i]);
	*ret_hash = hash;
	free(lines.list);
	code = all ? 0 : -ENOMEM;
	free(all);
	return code;
}

/* Returns 1 when there are fewer of them now, 0 when there are not, or -ENOMEM. */
static int learn_once(struct expected *expected, const struct output *output)
{
	struct output_lines lines;
	int code = output_split(output, &lines);
	if (code)
		return code;
	uint64_t *all = sorted(lines.list, lines.count);
	free(lines.list);
	if (!all)
		return -ENOMEM;
	size_t kept = keep_once(expected->once, expected->once_count, all, lines.count);
	free(all);
	bool is_fewer = kept < expected->once_count;
	expected->once_count = kept;
	return is_fewer;
}

static int is_expected(const struct expected *expected, const struct output *output)
{
	struct output_lines lines;
	if (!expected->count && !output->length)
		return 1;
	int code = output_split(output, &lines);
	if (code)
		return code;
	code = matches(expected, &lines);
	free(lines.list);
	return code;
}

int expected_learn(struct expected *expected, const struct output *output)
{
	struct alignment alignment;
	if (!expected->is_begun)
		return begin(expected, output);
	int fewer = learn_once(expected, output);
	int known = fewer < 0 ? fewer : is_expected(expected, output);
	if (known)
		return known < 0 ? known : fewer;
	int code = align(expected, output, &alignment);
	if (code)
		return code;
	code = widen(expected, &alignment);
	alignment_free(&alignment);
	return code ? code : 1;
}

/* What is printed where any line may stand is no part of the difference: it is another one in each run. */
static uint64_t mix_gap(const struct alignment *alignment, const struct gap *gap, uint64_t hash)
{
	bool open = is_open(alignment, gap), as_long = is_as_long(gap);
	hash = mix(mix(hash, gap->token), gap->token_end);
	for (size_t i = gap->token, k = gap->line; i < gap->token_end; i++, k++)
		if (is_literal(alignment->expected->tokens[i]))
			hash = mix(hash, !open && as_long ? alignment->lines.list[k] : i);
	for (size_t k = gap->line; !open && !as_long && k < gap->line_end; k++)
		hash = mix(hash, alignment->lines.list[k]);
	return hash;
}

int expected_compare(const struct expected *expected, const struct output *output, uint64_t *ret_difference)
{
	struct alignment alignment;
	uint64_t hash = 1;
	*ret_difference = 0;
	int known = expected->is_begun ? is_expected(expected, output) : 1;
	if (known > 0)
		return missing_of_once(expected, output, ret_difference);
	int code = known < 0 ? known : align(expected, output, &alignment);
	if (code)
		return code;
	for (struct gap gap = {0}; next_gap(&alignment, &gap); pass(&gap))
		hash = mix_gap(&alignment, &gap, hash);
	alignment_free(&alignment);
	*ret_difference = hash ? hash : 1;
	return 0;
}

int expected_compare_file(const struct expected *expected, int fd, uint64_t *ret_difference)
{
	struct output output;
	int code = output_read(fd, &output);
	if (code)
		return code;
	code = expected_compare(expected, &output, ret_difference);
	output_free(&output);
	return code;
}

void expected_free(struct expected *expected)
{
	free(expected->tokens);
	free(expected->once);
	*expected = (struct expected){0};
}
