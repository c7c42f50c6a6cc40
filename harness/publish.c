// SPDX-License-Identifier: MIT
// front end: a filled report to every place and in every format that was asked for.
#include "publish.h"

#include "command.h"
#include "error.h"
#include "harness/report/known.h"
#include "user_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct report_format report_formats[] = {
    {"text", report_text},   {"json", report_json},   {"junit", report_junit},   {"tap", report_tap},
    {"tap13", report_tap13}, {"sarif", report_sarif}, {"github", report_github}, {0}};

static bool wants_color(const struct options *options, const char *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");
	if (options->color >= 0)
		return options->color && !file;
	if (file || (no_color && *no_color) || !terminal || strcmp(terminal, "dumb") == 0)
		return false;
	return isatty(STDERR_FILENO);
}

enum { OUTPUTS_MAX = REPORTS_MAX + 4, WHAT_MAX = 24 };

/* A file that is written. */
struct output_file {
	const char *path;
	char what[WHAT_MAX];
};

static void add(struct output_file *list, unsigned *count, const char *path, const char *what)
{
	if (!path)
		return;
	list[*count].path = path;
	snprintf(list[(*count)++].what, WHAT_MAX, "%s", what);
}

/* All that OPTIONS have written, but for what goes to standard error. Returns how many. */
static unsigned list_outputs(const struct options *options, struct output_file *list)
{
	unsigned count = 0;
	for (unsigned i = 0; i < options->report_count; i++) {
		char what[WHAT_MAX];
		snprintf(what, sizeof what, "%s report", options->reports[i].format->name);
		add(list, &count, options->reports[i].file, what);
	}
	add(list, &count, options->known->generate_file, "suppressions");
	add(list, &count, options->known->write_baseline, "baseline");
	add(list, &count, options->log_path, "log");
	return count;
}

static bool is_read(const char *output, const char *input, const char *what)
{
	if (!input || !user_file_is_same(output, input))
		return false;
	error_print("'%s' is the %s that is read, and would be overwritten: name another file", output, what);
	return true;
}

/* Whether PATH, which will be written, is a file that is read. A baseline may be: it is brought up to date. */
static bool is_input(const struct options *options, const char *path)
{
	const struct suppressions *known = &options->known->suppressions;
	bool is_report = options->command->execute == command_report;
	bool found = is_report && is_read(path, options->launch.argv[0], "log");
	for (unsigned i = 0; !found && i < options->rule_file_count; i++)
		found = is_read(path, options->rule_files[i], "file of rules");
	for (size_t i = 0; !found && i < known->count; i++)
		found = is_read(path, known->list[i].file, "file of suppressions");
	return found || is_read(path, options->explore.stdin_file, "standard input");
}

int publish_check(const struct options *options)
{
	struct output_file list[OUTPUTS_MAX];
	unsigned count = list_outputs(options, list);
	for (unsigned i = 0; i < count; i++) {
		if (strcmp(list[i].path, "-") == 0) {
			error_print("the %s would go to a file called '-': name it ./-, or /dev/stdout for "
				    "standard output",
				    list[i].what);
			return -EINVAL;
		}
		int code = user_file_check_output(list[i].path);
		if (code) {
			error_print("cannot write the %s to '%s': %s", list[i].what, list[i].path,
				    user_file_error(code));
			return code;
		}
		for (unsigned j = 0; j < i; j++)
			if (user_file_is_same(list[i].path, list[j].path)) {
				error_print("the %s and the %s would both be written to '%s': name two files",
					    list[j].what, list[i].what, list[i].path);
				return -EEXIST;
			}
		if (is_input(options, list[i].path))
			return -EEXIST;
	}
	return 0;
}

static int render(const struct report_request *request, const struct report *report)
{
	if (!request->file)
		return request->format->render(report, stderr) ? -EIO : 0;
	FILE *stream = user_file_create(request->file);
	if (!stream) {
		int code = -errno;
		error_print("cannot write the %s report to '%s': %s", request->format->name, request->file,
			    user_file_error(code));
		return code;
	}
	errno = 0;
	int code = request->format->render(report, stream);
	int closed = user_file_close(stream);
	code = closed ? closed : code;
	if (code)
		error_print("the %s report in '%s' is incomplete: %s", request->format->name, request->file,
			    user_file_error(code));
	return code;
}

int publish(const struct options *options, struct report *report, enum verdict *ret_verdict)
{
	int code = 0;
	report->show = options->show;
	report->fail_on = options->fail_on;
	report->verbose = options->verbose;
	report->quiet = options->quiet;
	report->log_path = options->log_path;
	known_settle(options->known, report);
	for (unsigned i = 0; i < options->report_count; i++) {
		report->color = wants_color(options, options->reports[i].file);
		int failed = render(&options->reports[i], report);
		code = code ? code : failed;
	}
	int failed = known_write(options->known, report);
	*ret_verdict = report_verdict(report);
	return code ? code : failed;
}
