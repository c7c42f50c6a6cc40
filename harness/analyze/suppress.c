// SPDX-License-Identifier: MIT
// analysis: suppressions: what they match.
#include "suppress.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static bool is_like(const char *glob, const char *text)
{
	return text && fnmatch(glob, text, 0) == 0;
}

static const char *file_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash ? slash + 1 : path;
}

/* A glob with a slash is about the path, one without about the name. */
static bool is_path_like(const char *glob, const char *path)
{
	return is_like(glob, path) || (!strchr(glob, '/') && is_like(glob, file_name(path)));
}

static bool is_key_like(const char *value, const struct suppress_subject *subject)
{
	char text[16], *end;
	if (!subject->has_key)
		return false;
	if (strcmp(value, "IPC_PRIVATE") == 0)
		return subject->key == 0;
	errno = 0;
	long long number = strtoll(value, &end, 0);
	if (!errno && end != value && !*end)
		return (int32_t)number == subject->key;
	snprintf(text, sizeof text, "0x%08x", (unsigned)subject->key);
	return is_like(value, text);
}

static bool is_frame_like(const struct suppress_condition *condition, const struct frame *frame)
{
	const char *value = condition->value;
	if (condition->word == SUPPRESS_FUN)
		return is_like(value, frame->function);
	return is_path_like(value, condition->word == SUPPRESS_OBJ ? frame->object : frame->file);
}

static bool is_on_a_stack(const struct suppress_condition *condition, const struct suppress_subject *subject)
{
	for (size_t i = 0; i < sizeof subject->frames / sizeof *subject->frames; i++)
		for (size_t k = 0; k < subject->frame_counts[i]; k++)
			if (is_frame_like(condition, &subject->frames[i][k]))
				return true;
	return false;
}

static bool is_either_like(const char *glob, const char *const texts[2])
{
	return is_like(glob, texts[0]) || is_like(glob, texts[1]);
}

static bool is_met(const struct suppress_condition *condition, const struct suppress_subject *subject)
{
	switch (condition->word) {
	case SUPPRESS_KEY:
		return is_key_like(condition->value, subject);
	case SUPPRESS_COMM:
		return is_either_like(condition->value, subject->comms);
	case SUPPRESS_EXPIRES:
		return true;
	default:
		return is_on_a_stack(condition, subject);
	}
}

static bool is_match(const struct suppression *line, const struct suppress_subject *subject)
{
	if (!is_like(line->id, subject->id))
		return false;
	for (size_t i = 0; i < line->count; i++)
		if (!is_met(&line->conditions[i], subject))
			return false;
	return true;
}

const struct suppression *suppressions_match(struct suppressions *list,
					     const struct suppress_subject *subject)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!is_match(&list->list[i], subject))
			continue;
		list->list[i].used++;
		if (!list->list[i].is_expired)
			return &list->list[i];
	}
	return NULL;
}

/* VALUE so that the parser reads it back and fnmatch takes it literally. */
static void put_value(FILE *stream, const char *separator, enum suppress_word word, const char *value)
{
	bool is_quoted = !*value || strpbrk(value, " \t\"#");
	fprintf(stream, "%s%s=%s", separator, suppress_word_name(word), is_quoted ? "\"" : "");
	for (; *value; value++) {
		if ((unsigned char)*value < 0x20 || *value == 0x7f) {
			fputc('?', stream); /* any one character: control characters don't belong in a line */
			continue;
		}
		if (strchr("*?[\\", *value))
			fputc('\\', stream);
		else if (*value == '"')
			fputc('?', stream);
		if (*value != '"')
			fputc(*value, stream);
	}
	fputs(is_quoted ? "\"" : "", stream);
}

/* The innermost frame with a name that is the program's own rather than libc's. */
static const struct frame *best_frame(const struct suppress_subject *subject)
{
	for (size_t i = 0; i < sizeof subject->frames / sizeof *subject->frames; i++)
		for (size_t k = 0; k < subject->frame_counts[i]; k++) {
			const struct frame *frame = &subject->frames[i][k];
			const char *name = file_name(frame->object);
			if (!name || strncmp(name, "libc.so", 7) != 0)
				return frame;
		}
	return NULL;
}

char *suppress_line(const struct suppress_subject *subject)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	const struct frame *frame = best_frame(subject);
	if (!stream)
		return NULL;
	const char *separator;
	fputs(subject->id, stream);
	if (subject->has_key && subject->key)
		fprintf(stream, ":key=0x%08x", (unsigned)subject->key);
	else if (subject->has_key)
		fputs(":key=IPC_PRIVATE", stream);
	separator = subject->has_key ? " " : ":";
	const char *comm = subject->comms[0] ? subject->comms[0] : subject->comms[1];
	if (comm && *comm) {
		put_value(stream, separator, SUPPRESS_COMM, comm);
		separator = " ";
	}
	if (frame && frame->function)
		put_value(stream, separator, SUPPRESS_FUN, frame->function);
	else if (frame && frame->object)
		put_value(stream, separator, SUPPRESS_OBJ, file_name(frame->object));
	return fclose(stream) ? NULL : text;
}

void suppressions_free(struct suppressions *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct suppression *line = &list->list[i];
		for (size_t k = 0; k < line->count; k++)
			free(line->conditions[k].value);
		free(line->text);
		free(line->reason);
		free(line->id);
	}
	free(list->list);
	*list = (struct suppressions){0};
}
