// SPDX-License-Identifier: MIT
// report: what the formats for machines have in common: which cases they show, and how a case is told in lines.
#include "shown.h"

#include "say.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool case_is_shown(const struct report *report, const struct report_case *item)
{
	return item->kind != CASE_FINDING || item->findings[0].severity >= report->show;
}

enum severity case_severity(const struct report_case *item)
{
	enum severity worst = SEVERITY_NOTE;
	for (size_t i = 0; i < item->finding_count; i++)
		if (item->findings[i].known == KNOWN_NOT && item->findings[i].severity > worst)
			worst = item->findings[i].severity;
	bool has_failed = item->outcome == OUTCOME_FAIL || item->outcome == OUTCOME_INCONCLUSIVE;
	return item->kind != CASE_FINDING && has_failed ? SEVERITY_ERROR : worst;
}

struct location case_location(const struct report_case *item)
{
	if (item->location.file || item->location.object || !item->finding_count)
		return item->location;
	return item->findings[0].location;
}

static bool is_same_place(const struct report_case *one, const struct report_case *other)
{
	struct location a = case_location(one), b = case_location(other);
	return a.line == b.line && a.offset == b.offset &&
	       (!a.file || !b.file || strcmp(a.file, b.file) == 0);
}

static bool is_like(const struct report_case *a, const struct report_case *b)
{
	return a->fingerprint == b->fingerprint && a->kind == b->kind && a->outcome == b->outcome &&
	       strcmp(a->verdict, b->verdict) == 0 && is_same_place(a, b);
}

size_t case_like(const struct report *report, size_t index)
{
	const struct report_case *item = &report->cases[index];
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++) {
		const struct report_case *other = &report->cases[i];
		if (!is_like(other, item))
			continue;
		if (i < index)
			return 0;
		count += other->kind == CASE_FINDING ? other->findings[0].count : 1;
	}
	return count;
}

void case_rule(const struct report_case *item, char *ret_text, size_t size)
{
	static const char *const prefixes[] = {"run-", "", "point-", "scenario-"};
	snprintf(ret_text, size, "%s%s", prefixes[item->kind], item->verdict);
}

char *case_name(const struct report_case *item)
{
	return say_printable(item->name ? item->name : "?");
}

char *case_message(const struct report_case *item)
{
	return say_printable(item->known_why ? item->known_why
			     : item->message ? item->message
					     : item->verdict);
}

/* Line by line, so that what the caller meant as lines stays lines. */
static void put_lines(const char *text, FILE *stream)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		char line[2048];
		say_escape(text, length, line, sizeof line);
		fprintf(stream, "%s\n", line);
		text += length + (text[length] == '\n');
	}
}

char *case_details(const struct report *report, const struct report_case *item)
{
	struct report plain = *report;
	char *text = NULL, *message = case_message(item);
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	if (!stream) {
		free(message);
		return NULL;
	}
	plain.color = false;
	bool is_said =
	    item->output && item->message && strncmp(item->output, item->message, strlen(item->message)) == 0;
	if (message && !is_said && (item->kind != CASE_FINDING || !item->finding_count))
		fprintf(stream, "%s\n", message);
	if (item->output)
		put_lines(item->output, stream);
	for (size_t i = 0; i < item->crash_count; i++)
		text_crash_rows(&plain, &item->crashes[i], stream);
	for (size_t i = 0; i < item->finding_count; i++)
		if (item->findings[i].severity >= report->show || item->kind == CASE_FINDING)
			text_finding(&plain, &item->findings[i], stream);
	free(message);
	return fclose(stream) ? NULL : text;
}

/* A word goes bare when nothing in it is special to a shell; in $'…' when it is not printable. */
static void put_word(const char *word, FILE *stream)
{
	bool is_plain = *word && strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789_-./:=,+@%") == strlen(word);
	bool is_printable = true;
	for (const char *next = word; *next; next++)
		is_printable = is_printable && (unsigned char)*next >= 0x20 && *next != 0x7f &&
			       (unsigned char)*next < 0x80;
	if (is_plain) {
		fputs(word, stream);
	} else if (is_printable) {
		fputc('\'', stream);
		for (; *word; word++)
			if (*word == '\'')
				fputs("'\\''", stream);
			else
				fputc(*word, stream);
		fputc('\'', stream);
	} else {
		fputs("$'", stream);
		for (; *word; word++)
			if (*word == '\'' || *word == '\\')
				fprintf(stream, "\\%c", *word);
			else if ((unsigned char)*word < 0x20 || (unsigned char)*word >= 0x7f)
				fprintf(stream, "\\x%02x", (unsigned char)*word);
			else
				fputc(*word, stream);
		fputc('\'', stream);
	}
}

char *shell_line(const char *const *argv)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	if (!stream)
		return NULL;
	for (size_t i = 0; argv && argv[i]; i++) {
		if (i)
			fputc(' ', stream);
		put_word(argv[i], stream);
	}
	return fclose(stream) ? NULL : text;
}

const char *const *case_reproduce(const struct report *report, const struct report_case *item)
{
	return item->reproduce ? item->reproduce : report->reproduce;
}

const char *path_from_here(const char *path)
{
	static char here[4096];
	if (!here[0] && !getcwd(here, sizeof here))
		return path;
	size_t length = strlen(here);
	if (length > 1 && strncmp(path, here, length) == 0 && path[length] == '/' && path[length + 1])
		return path + length + 1;
	return path;
}
