// SPDX-License-Identifier: MIT
// report: JUnit XML, as Jenkins and GitLab read it: a testcase a finding, fault point or scenario.
#include "report.h"
#include "say.h"
#include "shown.h"
#include "xml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Cases of one group, and their counts. */
struct tally {
	size_t tests, failures, errors, skipped;
	double seconds;
};

static const struct xml *library; /* set by report_junit */

static const xmlChar *xml(const char *text)
{
	return (const xmlChar *)text;
}

static const char *group_of(const struct report_case *item)
{
	return item->group ? item->group : "?";
}

/* GROUP NULL: all. */
static struct tally count(const struct report *report, const char *group)
{
	struct tally tally = {0};
	for (size_t i = 0; i < report->count; i++) {
		const struct report_case *item = &report->cases[i];
		if (!case_is_shown(report, item) || (group && strcmp(group_of(item), group) != 0))
			continue;
		tally.tests++;
		tally.failures += item->outcome == OUTCOME_FAIL;
		tally.errors += item->outcome == OUTCOME_INCONCLUSIVE;
		tally.skipped += item->outcome == OUTCOME_SKIP;
		tally.seconds += item->seconds > 0 ? item->seconds : 0;
	}
	return tally;
}

static void put_attribute(xmlTextWriter *writer, const char *name, const char *raw)
{
	char *escaped = say_printable(raw);
	library->xmlTextWriterWriteAttribute(writer, xml(name), xml(escaped ? escaped : "?"));
	free(escaped);
}

static void put_tally(xmlTextWriter *writer, const struct tally *tally, bool with_skipped)
{
	library->xmlTextWriterWriteFormatAttribute(writer, xml("tests"), "%zu", tally->tests);
	library->xmlTextWriterWriteFormatAttribute(writer, xml("failures"), "%zu", tally->failures);
	library->xmlTextWriterWriteFormatAttribute(writer, xml("errors"), "%zu", tally->errors);
	if (with_skipped)
		library->xmlTextWriterWriteFormatAttribute(writer, xml("skipped"), "%zu", tally->skipped);
	library->xmlTextWriterWriteFormatAttribute(writer, xml("time"), "%.3f", tally->seconds);
}

/* ELEMENT is failure, error or skipped. */
static void put_trouble(xmlTextWriter *writer, const struct report *report, const struct report_case *item,
			const char *element)
{
	char *details = case_details(report, item), *line = shell_line(case_reproduce(report, item));
	library->xmlTextWriterStartElement(writer, xml(element));
	put_attribute(writer, "type", item->verdict);
	put_attribute(writer, "message", item->message ? item->message : item->verdict);
	if (details)
		library->xmlTextWriterWriteString(writer, xml(details));
	if (line && *line)
		library->xmlTextWriterWriteFormatString(writer, "reproduce: %s\n", line);
	library->xmlTextWriterEndElement(writer);
	free(details);
	free(line);
}

static void put_case(xmlTextWriter *writer, const struct report *report, const struct report_case *item)
{
	static const char *const elements[] = {NULL, "failure", "skipped", "error"};
	char class_name[64];
	snprintf(class_name, sizeof class_name, "shmcheck.%s", report->command);
	library->xmlTextWriterStartElement(writer, xml("testcase"));
	put_attribute(writer, "classname", class_name);
	put_attribute(writer, "name", item->name ? item->name : "?");
	if (item->seconds >= 0)
		library->xmlTextWriterWriteFormatAttribute(writer, xml("time"), "%.3f", item->seconds);
	if (elements[item->outcome]) {
		put_trouble(writer, report, item, elements[item->outcome]);
	} else if (item->message || item->finding_count) {
		char *details = case_details(report, item);
		library->xmlTextWriterWriteElement(writer, xml("system-out"), xml(details ? details : ""));
		free(details);
	}
	library->xmlTextWriterEndElement(writer);
}

static void put_suite(xmlTextWriter *writer, const struct report *report, const char *group)
{
	struct tally tally = count(report, group);
	library->xmlTextWriterStartElement(writer, xml("testsuite"));
	put_attribute(writer, "name", group);
	put_tally(writer, &tally, true);
	for (size_t i = 0; i < report->count; i++)
		if (case_is_shown(report, &report->cases[i]) &&
		    strcmp(group_of(&report->cases[i]), group) == 0)
			put_case(writer, report, &report->cases[i]);
	library->xmlTextWriterEndElement(writer);
}

static bool is_first_of_group(const struct report *report, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (case_is_shown(report, &report->cases[i]) &&
		    strcmp(group_of(&report->cases[i]), group_of(&report->cases[index])) == 0)
			return false;
	return case_is_shown(report, &report->cases[index]);
}

/* What goes wrong is in the stream's error state. */
static void keep_quiet(void *context, const char *format, ...)
{
	(void)context;
	(void)format;
}

static int write_to(void *stream, const char *bytes, int length)
{
	return fwrite(bytes, 1, (size_t)length, stream) == (size_t)length ? length : -1;
}

int report_junit(const struct report *report, FILE *stream)
{
	const char *why;
	library = xml_load(&why);
	if (!library)
		return -ELIBACC;
	library->xmlSetGenericErrorFunc(NULL, keep_quiet);
	xmlOutputBuffer *buffer = library->xmlOutputBufferCreateIO(write_to, NULL, stream, NULL);
	xmlTextWriter *writer = buffer ? library->xmlNewTextWriter(buffer) : NULL;
	if (!writer)
		return -ENOMEM;
	struct tally all = count(report, NULL);
	library->xmlTextWriterSetIndent(writer, 1);
	library->xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
	library->xmlTextWriterStartElement(writer, xml("testsuites"));
	put_attribute(writer, "name", "shmcheck");
	put_tally(writer, &all, false);
	for (size_t i = 0; i < report->count; i++)
		if (is_first_of_group(report, i))
			put_suite(writer, report, group_of(&report->cases[i]));
	int code = library->xmlTextWriterEndDocument(writer) < 0 ? -EIO : 0;
	library->xmlFreeTextWriter(writer);
	fflush(stream);
	return ferror(stream) ? -EIO : code;
}
