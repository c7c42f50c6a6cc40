// SPDX-License-Identifier: MIT
// analysis: suppressions: their file, read; a bad line is an error with its place.
#include "harness/error.h"
#include "harness/marked.h"
#include "harness/report/say.h"
#include "harness/user_file.h"
#include "suppress.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[SUPPRESS_WORDS + 1] = {"key", "comm", "fun", "obj", "file", "expires", NULL};

/* A line under the reader's finger. */
struct reader {
	struct suppressions *list;
	const char *file;
	FILE *complaints;
	unsigned number;
	const char *line, *at, *end; /* end: of the line */
};

const char *suppress_word_name(enum suppress_word word)
{
	return words[word];
}

int64_t suppress_day(const char *text)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
	int year, month, day, length = 0;
	if (strlen(text) != 10 || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &length) != 3 ||
	    length != 10 || year < 1970 || month < 1 || month > 12 || day < 1)
		return -1;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > before[month] - before[month - 1] + (is_leap && month == 2))
		return -1;
	int last = year - 1;
	int64_t leaps = (last / 4 - last / 100 + last / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
	return (int64_t)(year - 1970) * 365 + leaps + before[month - 1] + (is_leap && month > 2) + day - 1;
}

/* The line with a caret below what is wrong with it: LENGTH bytes at START. */
static int complain(const struct reader *reader, const char *start, size_t length, const char *what,
		    const char *nearest, const char *expected)
{
	char *file = say_printable(reader->file);
	struct marked marked = {reader->line,
				(size_t)(reader->end - reader->line),
				(size_t)(start - reader->line),
				length,
				nearest,
				expected};
	fprintf(reader->complaints, "shmcheck: %s: line %u, column %zu: %s", file ? file : "?",
		reader->number, marked.at + 1, what);
	free(file);
	marked_put(&marked, reader->complaints);
	return -EINVAL;
}

static void skip_blanks(struct reader *reader)
{
	while (reader->at < reader->end && isblank((unsigned char)*reader->at))
		reader->at++;
}

static bool is_at_end(const struct reader *reader)
{
	return reader->at == reader->end || *reader->at == '#';
}

static int read_id(struct reader *reader, struct suppression *line)
{
	const char *start = reader->at;
	unsigned count = 0;
	while (reader->at < reader->end && *reader->at != ':' && !isblank((unsigned char)*reader->at))
		reader->at++;
	line->id = strndup(start, (size_t)(reader->at - start));
	if (!line->id)
		return -ENOMEM;
	for (; reader->list->ids[count]; count++)
		if (fnmatch(line->id, reader->list->ids[count], 0) == 0)
			return 0;
	return complain(reader, start, (size_t)(reader->at - start), "no finding is called so",
			error_nearest(line->id, reader->list->ids, count),
			"ID:WORD=VALUE… # reason; `shmcheck list findings` has the IDs");
}

/* A value ends at a blank, or at its closing quote. */
static int read_value(struct reader *reader, struct suppress_condition *condition)
{
	bool is_quoted = reader->at < reader->end && *reader->at == '"';
	const char *start = reader->at + is_quoted;
	reader->at = start;
	while (reader->at < reader->end &&
	       (is_quoted ? *reader->at != '"' : !isblank((unsigned char)*reader->at)))
		reader->at++;
	if (is_quoted && reader->at == reader->end)
		return complain(reader, start - 1, 1, "the quote is never closed", NULL, NULL);
	condition->value = strndup(start, (size_t)(reader->at - start));
	if (!condition->value)
		return -ENOMEM;
	if (!*condition->value)
		return complain(reader, start - is_quoted, 0, "the value is missing", NULL, NULL);
	reader->at += is_quoted;
	if (!is_at_end(reader) && !isblank((unsigned char)*reader->at))
		return complain(reader, reader->at, 1, "a blank should stand here", NULL, NULL);
	return 0;
}

/* VALUE has just been read; in the file, with its quotes, it begins at START. */
static int check_value(const struct reader *reader, struct suppression *line, enum suppress_word word,
		       const char *value, const char *start)
{
	size_t length = (size_t)(reader->at - start);
	char *end;
	if (word == SUPPRESS_EXPIRES) {
		int64_t day = suppress_day(value);
		line->is_expired = day < reader->list->today;
		return day < 0 ? complain(reader, start, length, "not a day", NULL, "2027-01-31") : 0;
	}
	if (word != SUPPRESS_KEY || strcmp(value, "IPC_PRIVATE") == 0 || strpbrk(value, "*?["))
		return 0;
	errno = 0;
	long long number = strtoll(value, &end, 0);
	if (errno || end == value || *end || number < INT32_MIN || number > UINT32_MAX)
		return complain(reader, start, length, "not a key", NULL,
				"a number such as 0x52e2c1, IPC_PRIVATE, or a glob such as 0x52*");
	return 0;
}

static int read_condition(struct reader *reader, struct suppression *line)
{
	const char *start = reader->at;
	char name[16] = "";
	while (reader->at < reader->end && *reader->at != '=' && !isblank((unsigned char)*reader->at))
		reader->at++;
	size_t length = (size_t)(reader->at - start);
	snprintf(name, sizeof name, "%.*s", (int)(length < 15 ? length : 15), start);
	unsigned word = 0;
	while (words[word] && strcmp(words[word], name) != 0)
		word++;
	if (!words[word])
		return complain(reader, start, length, "unknown word",
				error_nearest(name, words, SUPPRESS_WORDS),
				"key, comm, fun, obj, file or expires, then = and a value");
	if (reader->at == reader->end || *reader->at != '=')
		return complain(reader, start, length, "a value is missing", NULL, "WORD=VALUE");
	for (size_t i = 0; i < line->count; i++)
		if (line->conditions[i].word == word && word != SUPPRESS_FUN && word != SUPPRESS_OBJ &&
		    word != SUPPRESS_FILE)
			return complain(reader, start, length, "given twice", NULL, NULL);
	if (line->count == SUPPRESS_CONDITIONS_MAX)
		return complain(reader, start, length, "too many words in one line", NULL, NULL);
	struct suppress_condition *condition = &line->conditions[line->count++];
	condition->word = word;
	start = ++reader->at;
	int code = read_value(reader, condition);
	return code ? code : check_value(reader, line, word, condition->value, start);
}

static int read_conditions(struct reader *reader, struct suppression *line)
{
	int code = 0;
	skip_blanks(reader);
	if (!is_at_end(reader) && *reader->at != ':')
		return complain(reader, reader->at, 1, "a colon should stand here", NULL,
				"ID:WORD=VALUE… # reason");
	reader->at += !is_at_end(reader);
	for (skip_blanks(reader); !code && !is_at_end(reader); skip_blanks(reader))
		code = read_condition(reader, line);
	return code;
}

/* The text ends where the reason begins; blanks around both are nobody's. */
static int keep_text(struct reader *reader, struct suppression *line)
{
	const char *end = reader->at, *reason = reader->at, *last = reader->end;
	while (end > reader->line && isblank((unsigned char)end[-1]))
		end--;
	while (reason < last && (*reason == '#' || isblank((unsigned char)*reason)))
		reason++;
	while (last > reason && isspace((unsigned char)last[-1]))
		last--;
	const char *start = reader->line;
	while (start < end && isblank((unsigned char)*start))
		start++;
	line->text = strndup(start, (size_t)(end - start));
	line->reason = strndup(reason, (size_t)(last - reason));
	return line->text && line->reason ? 0 : -ENOMEM;
}

static int read_line(struct reader *reader)
{
	skip_blanks(reader);
	if (is_at_end(reader))
		return 0;
	struct suppressions *list = reader->list;
	struct suppression *grown = reallocarray(list->list, list->count + 1, sizeof *grown);
	if (!grown)
		return -ENOMEM;
	list->list = grown;
	struct suppression *line = &grown[list->count++];
	*line = (struct suppression){.file = reader->file, .line = reader->number};
	int code = read_id(reader, line);
	if (!code)
		code = read_conditions(reader, line);
	return code ? code : keep_text(reader, line);
}

int suppressions_parse(struct suppressions *list, const char *file, const char *text, FILE *complaints)
{
	struct reader reader = {.list = list, .file = file, .complaints = complaints};
	while (*text) {
		size_t length = strcspn(text, "\n");
		reader.number++;
		reader.line = reader.at = text;
		reader.end = text + length - (length && text[length - 1] == '\r');
		int code = read_line(&reader);
		if (code)
			return code;
		text += length + (text[length] == '\n');
	}
	return 0;
}

int suppressions_read(struct suppressions *list, const char *file, FILE *complaints)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t length = -1; /* of nothing: then glibc leaves in TEXT what stood in the heap */
	int code = 0;
	errno = 0;
	FILE *stream = strcmp(file, "-") == 0 ? stdin : NULL;
	if (!stream)
		code = user_file_open(file, &stream);
	if (!code && (length = getdelim(&text, &room, '\0', stream)) < 0 && ferror(stream))
		code = errno ? -errno : -EIO;
	if (code)
		error_print_on(complaints, "cannot read the suppressions '%s': %s", file,
			       user_file_error(code));
	else if (!feof(stream) && getc(stream) != EOF) {
		error_print_on(complaints, "%s: not a text file: it has a NUL", file);
		code = -EINVAL;
	} else if (length > 0)
		code = suppressions_parse(list, file, text, complaints);
	if (stream && stream != stdin)
		fclose(stream);
	free(text);
	return code;
}
