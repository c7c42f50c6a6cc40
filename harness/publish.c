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

static int check_file(const char *file, const char *what)
{
	int code = user_file_check_output(file);
	if (code)
		error_print("cannot write the %s to '%s': %s", what, file, user_file_error(code));
	return code;
}

int publish_check(const struct options *options)
{
	int code = 0;
	for (unsigned i = 0; !code && i < options->report_count; i++) {
		const struct report_request *request = &options->reports[i];
		char what[24];
		snprintf(what, sizeof what, "%s report", request->format->name);
		code = request->file ? check_file(request->file, what) : 0;
	}
	if (!code && options->known->generate_file)
		code = check_file(options->known->generate_file, "suppressions");
	if (!code && options->known->write_baseline)
		code = check_file(options->known->write_baseline, "baseline");
	return code;
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
	int code = request->format->render(report, stream);
	if (fclose(stream) || code) {
		error_print("the %s report in '%s' is incomplete: writing it failed", request->format->name,
			    request->file);
		return -EIO;
	}
	return 0;
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
