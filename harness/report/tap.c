// SPDX-License-Identifier: MIT
// report: the Test Anything Protocol, version 14 and, for older readers such as prove's, 13.
#include "report.h"
#include "say.h"
#include "shown.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A '#' would begin a directive. What is not printable is escaped already, and so are backslashes. */
static void put_description(const char *text, FILE *stream)
{
	for (; text && *text; text++) {
		if (*text == '#')
			fputc('\\', stream);
		fputc(*text, stream);
	}
}

/* A JSON string is a double-quoted one of YAML too. */
static void put_string(const char *text, FILE *stream)
{
	json_t *string = json_string(text ? text : "");
	json_dumpf(string, stream, JSON_ENCODE_ANY);
	fputc('\n', stream);
	json_decref(string);
}

static void put_location(const struct report_case *item, FILE *stream)
{
	struct location location = case_location(item);
	const char *path = location.file ? location.file : location.object;
	char *escaped = path ? say_printable(path_from_here(path)) : NULL;
	if (!escaped)
		return;
	fprintf(stream, "  %s: ", location.file ? "file" : "object");
	put_string(escaped, stream);
	if (location.file)
		fprintf(stream, "  line: %d\n", location.line);
	else
		fprintf(stream, "  offset: \"%#llx\"\n", (unsigned long long)location.offset);
	free(escaped);
}

/* A literal block: the lines are printable already, and the first does not begin with a space. */
static void put_lines(char *text, FILE *stream)
{
	char *rest = NULL;
	if (!text || !*text)
		return;
	fputs("  details: |\n", stream);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		fprintf(stream, "    %s\n", line);
}

static void put_diagnostics(const struct report *report, const struct report_case *item, FILE *stream)
{
	char *message = case_message(item), *details = case_details(report, item),
	     *line = shell_line(case_reproduce(report, item));
	fputs("  ---\n  message: ", stream);
	put_string(message, stream);
	fputs("  severity: ", stream);
	put_string(item->outcome == OUTCOME_INCONCLUSIVE ? "inconclusive"
							 : severity_name(case_severity(item)),
		   stream);
	put_location(item, stream);
	if (line && *line) {
		fputs("  reproduce: ", stream);
		put_string(line, stream);
	}
	put_lines(details, stream);
	fputs("  ...\n", stream);
	free(message);
	free(details);
	free(line);
}

static void put_case(const struct report *report, const struct report_case *item, size_t number, FILE *stream)
{
	bool is_bad = item->outcome == OUTCOME_FAIL || item->outcome == OUTCOME_INCONCLUSIVE;
	char *name = case_name(item), *message = case_message(item);
	fprintf(stream, "%sok %zu - ", is_bad ? "not " : "", number);
	put_description(name, stream);
	if (item->kind != CASE_FINDING) {
		fputs(": ", stream);
		put_description(item->verdict, stream);
	}
	if (item->outcome == OUTCOME_SKIP) {
		fputs(" # SKIP ", stream);
		put_description(message, stream);
	}
	fputc('\n', stream);
	if (is_bad)
		put_diagnostics(report, item, stream);
	free(name);
	free(message);
}

static int put_all(const struct report *report, int version, FILE *stream)
{
	size_t shown = 0, number = 0;
	for (size_t i = 0; i < report->count; i++)
		shown += case_is_shown(report, &report->cases[i]);
	fprintf(stream, "TAP version %d\n1..%zu%s\n", version, shown,
		shown ? "" : " # SKIP nothing was tried");
	for (size_t i = 0; i < report->count; i++)
		if (case_is_shown(report, &report->cases[i]))
			put_case(report, &report->cases[i], ++number, stream);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}

int report_tap(const struct report *report, FILE *stream)
{
	return put_all(report, 14, stream);
}

int report_tap13(const struct report *report, FILE *stream)
{
	return put_all(report, 13, stream);
}
