// SPDX-License-Identifier: MIT
// report: a single run as a report: a case a finding, or one for the whole run.
#include "report_run.h"

#include "text.h"

#include <errno.h>
#include <string.h>

static const char *place_name(struct report *report, const struct location *location)
{
	const char *path = location->file ? location->file : location->object;
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *function = location->function ? location->function : "??";
	path = slash ? slash + 1 : path;
	if (!path)
		return NULL;
	if (location->file)
		return keep_print(&report->keep, "%s (%s:%d)", function, path, location->line);
	return keep_print(&report->keep, "%s (%s+%#llx)", function, path,
			  (unsigned long long)location->offset);
}

static int add_finding(struct report *report, const struct books *books, const struct finding *finding)
{
	struct report_case *made = report_add(report);
	struct told_finding *told = keep_bytes(&report->keep, sizeof *told);
	if (!made || !told)
		return -ENOMEM;
	told_make(books, finding, &report->keep, told);
	const struct finding_row *row = finding_row(told->id);
	const char *place = place_name(report, &told->location);
	made->kind = CASE_FINDING;
	made->name =
	    place ? keep_print(&report->keep, "%s in %s", row->name, place)
		  : keep_print(&report->keep, "%s%s%s", row->name, told->detail[0] ? ": " : "", told->detail);
	made->group = report->program ? report->program[0] : NULL;
	made->verdict = row->name;
	made->message =
	    told->detail[0] ? keep_print(&report->keep, "%s: %s", row->meaning, told->detail) : row->meaning;
	made->findings = told;
	made->finding_count = 1;
	made->is_explained = true;
	made->location = told->location;
	made->fingerprint = told->fingerprint;
	return 0;
}

static int add_whole(struct report *report)
{
	struct report_case *made = report_add(report);
	if (!made)
		return -ENOMEM;
	made->kind = CASE_RUN;
	made->name = report->program ? report->program[0] : "program";
	made->group = made->name;
	made->verdict = report->doubt_count ? "inconclusive" : "clean";
	made->outcome = report->doubt_count ? OUTCOME_INCONCLUSIVE : OUTCOME_PASS;
	made->message = report->doubt_count ? report->doubts[0] : NULL;
	made->seconds = report->evidence->end_ns > report->evidence->begin_ns
			    ? (double)(report->evidence->end_ns - report->evidence->begin_ns) / 1e9
			    : -1;
	return 0;
}

static const char *const *reproduction(struct report *report)
{
	size_t count = 0;
	while (report->program && report->program[count])
		count++;
	const char **argv = keep_bytes(&report->keep, (count + 4) * sizeof *argv);
	if (!argv)
		return NULL;
	memcpy(argv, (const char *[]){"shmcheck", "run", "--"}, 3 * sizeof *argv);
	memcpy(argv + 3, report->program, count * sizeof *argv);
	return argv;
}

int report_run(const struct evidence *evidence, const struct findings *findings, const struct books *books,
	       struct report *ret_report)
{
	int code = 0;
	ret_report->command = "run";
	ret_report->program = (const char *const *)evidence->argv;
	ret_report->evidence = evidence;
	ret_report->ledger = books->ledger;
	ret_report->text = report_text_run;
	ret_report->reproduce = reproduction(ret_report);
	for (size_t i = 0; !code && i < evidence->doubt_count; i++)
		code = report_doubt(ret_report, "%s", evidence->doubts[i]);
	for (size_t i = 0; !code && i < findings->count; i++)
		code = add_finding(ret_report, books, &findings->list[i]);
	if (!code && (ret_report->count == 0 || ret_report->doubt_count))
		code = add_whole(ret_report);
	return code || ret_report->keep.no_memory ? -ENOMEM : 0;
}
