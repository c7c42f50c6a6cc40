// SPDX-License-Identifier: MIT
// report: text for people: what every command's has.
#include "text.h"

#include "known.h"
#include "say.h"

#include <errno.h>
#include <string.h>

enum { TEXT_MAX = 1024 };

void text_doubts(const struct report *report, FILE *stream)
{
	char text[TEXT_MAX];
	for (size_t i = 0; i < report->doubt_count; i++) {
		say_escape(report->doubts[i], strlen(report->doubts[i]), text, sizeof text);
		fprintf(stream, "shmcheck: %sinconclusive%s: %s\n", text_paint(report, SEVERITY_WARNING),
			text_plain(report), text);
	}
}

void text_known(const struct report *report, FILE *stream)
{
	const struct known *known = report->known;
	if (!known)
		return;
	if (!report->quiet)
		known_put(known, stream);
	if (known->generate && !known->generate_file)
		known_generate(report, stream);
}

/* How many findings of SEVERITY count; the kinds of them in SEEN. */
static size_t count_kinds(const struct report *report, enum severity severity, bool seen[FINDING_COUNT])
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++)
		for (size_t k = 0; k < report->cases[i].finding_count; k++) {
			const struct told_finding *finding = &report->cases[i].findings[k];
			if (finding->severity != severity || finding->known != KNOWN_NOT)
				continue;
			seen[finding->id] = true;
			count++;
		}
	return count;
}

void text_counts(const struct report *report, FILE *stream)
{
	static const enum severity order[] = {SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE};
	for (unsigned i = 0; i < 3; i++) {
		bool seen[FINDING_COUNT] = {false}, is_first = true;
		size_t count = count_kinds(report, order[i], seen);
		fprintf(stream, "%s%zu %s%s", i ? ", " : "", count, severity_name(order[i]),
			count == 1 ? "" : "s");
		for (int id = 0; i < 2 && id < FINDING_COUNT; id++) {
			if (!seen[id])
				continue;
			fprintf(stream, "%s%s", is_first ? " (" : ", ", finding_row(id)->name);
			is_first = false;
		}
		fputs(is_first ? "" : ")", stream);
	}
}

/* A list of the cases that are not right, for commands without a text of their own. */
static void put_cases(const struct report *report, FILE *stream)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct report_case *item = &report->cases[i];
		char name[TEXT_MAX], message[TEXT_MAX] = "";
		if (item->kind == CASE_RUN || (item->outcome == OUTCOME_PASS && !report->verbose))
			continue;
		say_escape(item->name, strlen(item->name), name, sizeof name);
		if (item->message)
			say_escape(item->message, strlen(item->message), message, sizeof message);
		fprintf(stream, "shmcheck: %s: %s: %s%s%s\n", outcome_name(item->outcome), name,
			item->verdict, message[0] ? ": " : "", message);
		for (size_t k = 0; k < item->finding_count; k++)
			if (item->findings[k].severity >= report->show &&
			    item->findings[k].known == KNOWN_NOT)
				text_finding(report, &item->findings[k], stream);
	}
	text_doubts(report, stream);
	text_known(report, stream);
	fprintf(stream, "shmcheck: SUMMARY: %s: %zu cases\n", verdict_name(report_verdict(report)),
		report->count);
}

int report_text(const struct report *report, FILE *stream)
{
	if (report->text)
		report->text(report, stream);
	else
		put_cases(report, stream);
	fflush(stream);
	return ferror(stream) ? -EIO : 0;
}
