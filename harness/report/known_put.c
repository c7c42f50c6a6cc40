// SPDX-License-Identifier: MIT
// report: what became of suppressions, baseline and declared intent: tables, files.
#include "harness/error.h"
#include "harness/user_file.h"
#include "known.h"
#include "known_subject.h"
#include "say.h"
#include "shown.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void put_printable(const char *text, FILE *stream)
{
	char *printable = say_printable(text);
	fputs(printable ? printable : "?", stream);
	free(printable);
}

static void put_suppression(const struct suppression *line, FILE *stream)
{
	put_printable(line->file, stream);
	fprintf(stream, ":%u: ", line->line);
	put_printable(line->text, stream);
	if (*line->reason) {
		fputs("  # ", stream);
		put_printable(line->reason, stream);
	}
	fputc('\n', stream);
}

static void put_suppressions(const struct suppressions *list, FILE *stream)
{
	bool has_heading = false;
	for (size_t i = 0; i < list->count; i++) {
		if (!list->list[i].used || list->list[i].is_expired)
			continue;
		if (!has_heading)
			fputs("shmcheck: suppressions used, and how often:\n", stream);
		has_heading = true;
		fprintf(stream, "    %6" PRIu64 "  ", list->list[i].used);
		put_suppression(&list->list[i], stream);
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct suppression *line = &list->list[i];
		if (line->is_expired)
			fprintf(stream, "shmcheck: suppression expired, %s: ",
				line->used ? "would have been used" : "and unused");
		else if (!line->used)
			fputs("shmcheck: suppression unused: ", stream);
		else
			continue;
		put_suppression(line, stream);
	}
}

void known_put(const struct known *known, FILE *stream)
{
	const struct baseline *baseline = &known->baseline;
	put_suppressions(&known->suppressions, stream);
	for (unsigned i = 0; i < known->persistent_count; i++)
		if (known->persistent[i].used)
			fprintf(stream, "shmcheck: persistent key %s: left on purpose\n",
				known->persistent[i].text);
		else
			fprintf(stream, "shmcheck: persistent key %s unused: no segment with it was left\n",
				known->persistent[i].text);
	size_t gone = baseline->file ? baseline_gone(baseline) : 0;
	if (gone) {
		fputs("shmcheck: baseline ", stream);
		put_printable(baseline->file, stream);
		fprintf(stream, ": %zu no longer found: --write-baseline forgets %s\n", gone,
			gone == 1 ? "it" : "them");
	}
}

json_t *known_to_json(const struct known *known)
{
	json_t *lines = json_array(), *keys = json_array();
	for (size_t i = 0; i < known->suppressions.count; i++) {
		const struct suppression *line = &known->suppressions.list[i];
		char *file = say_printable(line->file), *text = say_printable(line->text),
		     *reason = say_printable(line->reason);
		json_array_append_new(lines, json_pack("{s:s,s:i,s:s,s:s,s:b,s:I}", "file", file ? file : "",
						       "line", (int)line->line, "text", text ? text : "",
						       "reason", reason ? reason : "", "expired",
						       line->is_expired, "used", (json_int_t)line->used));
		free(file);
		free(text);
		free(reason);
	}
	for (unsigned i = 0; i < known->persistent_count; i++)
		json_array_append_new(keys, json_pack("{s:i,s:I}", "key", known->persistent[i].key, "used",
						      (json_int_t)known->persistent[i].used));
	return json_pack("{s:o,s:o,s:I}", "suppressions", lines, "persistent", keys, "baseline_gone",
			 (json_int_t)(known->baseline.file ? baseline_gone(&known->baseline) : 0));
}

/* Lines that were put already: cases with one cause need one. */
struct lines {
	char **list;
	size_t count;
};

static bool is_new(struct lines *lines, const char *line)
{
	for (size_t i = 0; i < lines->count; i++)
		if (strcmp(lines->list[i], line) == 0)
			return false;
	char **grown = reallocarray(lines->list, lines->count + 1, sizeof *grown);
	if (grown) {
		lines->list = grown;
		grown[lines->count] = strdup(line);
		lines->count += grown[lines->count] != NULL;
	}
	return true;
}

/* The reason is left to the user, who knows it; the case's name stands there until then. */
static void generate(struct lines *lines, const struct suppress_subject *subject, const char *name,
		     FILE *stream)
{
	char *line = suppress_line(subject), *printable = say_printable(name);
	if (line && printable && is_new(lines, line))
		fprintf(stream, "%s # why? %s\n", line, printable);
	free(line);
	free(printable);
}

static void generate_case(struct lines *lines, const struct report *report, const struct report_case *item,
			  FILE *stream)
{
	struct suppress_subject subject;
	struct frame frame;
	char id[64];
	for (size_t i = 0; i < item->finding_count; i++) {
		if (item->findings[i].known != KNOWN_NOT || item->findings[i].severity < report->show)
			continue;
		subject_of_finding(&item->findings[i], &subject);
		generate(lines, &subject, item->name, stream);
	}
	if (item->kind == CASE_FINDING || item->outcome != OUTCOME_FAIL || item->is_explained)
		return;
	case_rule(item, id, sizeof id);
	subject_of_case(item, id, &frame, &subject);
	generate(lines, &subject, item->name, stream);
}

void known_generate(const struct report *report, FILE *stream)
{
	struct lines lines = {0};
	for (size_t i = 0; i < report->count; i++)
		generate_case(&lines, report, &report->cases[i], stream);
	for (size_t i = 0; i < lines.count; i++)
		free(lines.list[i]);
	free(lines.list);
}

static int write_suppressions(const struct known *known, const struct report *report)
{
	FILE *stream = user_file_create(known->generate_file);
	int code = stream ? 0 : -errno;
	if (stream) {
		known_generate(report, stream);
		code = user_file_close(stream);
	}
	if (code)
		error_print("cannot write the suppressions to '%s': %s", known->generate_file,
			    user_file_error(code));
	return code;
}

/* What counts now, and what the old baseline had and is still there. */
static int write_baseline(struct known *known, const struct report *report)
{
	int code = 0;
	for (size_t i = 0; !code && i < report->count; i++) {
		const struct report_case *item = &report->cases[i];
		bool is_whole = item->kind != CASE_FINDING && item->outcome == OUTCOME_FAIL;
		if (is_whole || (item->kind == CASE_FINDING && item->findings[0].known == KNOWN_NOT &&
				 case_is_shown(report, item)))
			code = baseline_add(&known->baseline, item->fingerprint, item->name);
	}
	if (!code)
		code = baseline_write(&known->baseline, known->write_baseline);
	if (code)
		error_print_errno(-code, "cannot write the baseline to '%s'", known->write_baseline);
	return code;
}

int known_write(struct known *known, const struct report *report)
{
	int code = known->generate_file ? write_suppressions(known, report) : 0;
	int written = known->write_baseline ? write_baseline(known, report) : 0;
	return code ? code : written;
}
