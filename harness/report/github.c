// SPDX-License-Identifier: MIT
// report: GitHub's annotations, and what goes beyond them in the step's summary.
#include "report.h"
#include "say.h"
#include "shown.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OF_A_KIND = 10 }; /* GitHub drops what is more, without a word */

enum { KINDS = SEVERITY_ERROR + 1 };

/* A workflow command's data: % and line ends are its only special characters; in a property : and , are too. */
static void put_escaped(const char *text, const char *special, FILE *stream)
{
	for (; text && *text; text++)
		if (strchr(special, *text))
			fprintf(stream, "%%%02X", (unsigned char)*text);
		else
			fputc(*text, stream);
}

static void put_data(const char *text, FILE *stream)
{
	put_escaped(text, "%\r\n", stream);
}

static void put_property(const char *text, FILE *stream)
{
	put_escaped(text, "%\r\n:,", stream);
}

/* Annotations belong to files of the repository: where there is only a binary, the message says which. */
static void put_annotation(const struct report *report, const struct report_case *item,
			   enum severity severity, FILE *stream)
{
	static const char *const commands[KINDS] = {"notice", "warning", "error"};
	struct location location = case_location(item);
	char *name = case_name(item), *message = case_message(item),
	     *line = shell_line(case_reproduce(report, item));
	char *file = location.file ? say_printable(path_from_here(location.file)) : NULL;
	fprintf(stream, "::%s ", commands[severity]);
	if (file) {
		fputs("file=", stream);
		put_property(file, stream);
		fprintf(stream, ",line=%d,", location.line > 0 ? location.line : 1);
	}
	fputs("title=", stream);
	put_property("shmcheck: ", stream);
	put_property(item->verdict, stream);
	fputs("::", stream);
	put_data(name, stream);
	fputs("%0A", stream);
	put_data(message, stream);
	if (line && *line) {
		fputs("%0Areproduce: ", stream);
		put_data(line, stream);
	}
	fputc('\n', stream);
	free(name);
	free(message);
	free(line);
	free(file);
}

/* What is wrong, or worth a note: what passes and what is known has no annotation. */
static bool is_annotated(const struct report *report, const struct report_case *item)
{
	if (item->outcome == OUTCOME_SKIP || !case_is_shown(report, item))
		return false;
	return item->kind == CASE_FINDING || item->outcome != OUTCOME_PASS;
}

/* In a table of Markdown, text is text: no markup, no cell's end. */
static void put_cell(const char *text, FILE *stream)
{
	for (; text && *text; text++)
		if (strchr("\\`*_{}[]<>()#+-!|~&@", *text))
			fprintf(stream, "&#%d;", *text);
		else
			fputc(*text, stream);
}

static void put_row(const struct report *report, const struct report_case *item, FILE *stream)
{
	char *name = case_name(item), *message = case_message(item),
	     *line = shell_line(case_reproduce(report, item));
	bool is_open = item->outcome == OUTCOME_INCONCLUSIVE;
	fprintf(stream, "| %s | ", is_open ? "inconclusive" : severity_name(case_severity(item)));
	put_cell(name, stream);
	fputs(" | ", stream);
	put_cell(message, stream);
	fputs(" | ", stream);
	put_cell(line, stream);
	fputs(" |\n", stream);
	free(name);
	free(message);
	free(line);
}

static void put_summary(const struct report *report, FILE *stream)
{
	size_t rows = 0;
	fprintf(stream, "### shmcheck %s: %s\n\n", report->command, report_word(report));
	for (size_t i = 0; i < report->count; i++) {
		if (!is_annotated(report, &report->cases[i]) || !case_like(report, i))
			continue;
		if (rows++ == 0)
			fputs("| severity | where | what | reproduce |\n| --- | --- | --- | --- |\n", stream);
		put_row(report, &report->cases[i], stream);
	}
	fprintf(
	    stream, "%s%zu error%s, %zu warning%s, %zu note%s", rows ? "\n" : "",
	    report_findings(report, SEVERITY_ERROR), report_findings(report, SEVERITY_ERROR) == 1 ? "" : "s",
	    report_findings(report, SEVERITY_WARNING),
	    report_findings(report, SEVERITY_WARNING) == 1 ? "" : "s", report_findings(report, SEVERITY_NOTE),
	    report_findings(report, SEVERITY_NOTE) == 1 ? "" : "s");
	if (report->untried)
		fprintf(stream, "; %zu of %zu not tried", report->untried, report->count);
	fputs(".\n\n", stream);
}

/* Appends to the file that GitHub names, which other steps share. */
static int append_summary(const struct report *report)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	FILE *stream = path && *path ? fopen(path, "ae") : NULL;
	if (!path || !*path)
		return 0;
	if (!stream)
		return -errno;
	put_summary(report, stream);
	return fclose(stream) ? -EIO : 0;
}

int report_github(const struct report *report, FILE *stream)
{
	size_t put[KINDS] = {0}, more = 0;
	for (size_t i = 0; i < report->count; i++) {
		const struct report_case *item = &report->cases[i];
		enum severity severity = case_severity(item);
		if (!is_annotated(report, item) || !case_like(report, i))
			continue;
		if (put[severity]++ < MOST_OF_A_KIND)
			put_annotation(report, item, severity, stream);
		else
			more++;
	}
	if (more)
		fprintf(stream, "shmcheck: %zu more without an annotation: the step's summary has them all\n",
			more);
	int code = append_summary(report);
	fflush(stream);
	return ferror(stream) ? -EIO : code;
}
