// SPDX-License-Identifier: MIT
// front end: a filled report to every place and in every format that was asked for.
#include "publish.h"

#include "command.h"
#include "error.h"
#include "harness/report/known.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* FILE, or the folder that it would be made in. */
static int check_file(const char *file, const char *what)
{
	struct stat status;
	int code = stat(file, &status) ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
	char *copy = code == ENOENT ? strdup(file) : NULL;
	if (copy)
		code = access(dirname(copy), W_OK | X_OK) ? errno : 0;
	else if (!code && access(file, W_OK))
		code = errno;
	free(copy);
	if (code)
		error_print_errno(code, "cannot write the %s to '%s'", what, file);
	return -code;
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

/* What is standard output or error already, by whatever name, is written on where it stands: opened anew it would be
 * cut, and two writers would overwrite each other. */
static FILE *open_file(const char *file)
{
	struct stat named, open;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (stat(file, &named) == 0 && fstat(fd, &open) == 0 && named.st_dev == open.st_dev &&
		    named.st_ino == open.st_ino)
			return fdopen(dup(fd), "w");
	return fopen(file, "we");
}

static int render(const struct report_request *request, const struct report *report)
{
	if (!request->file)
		return request->format->render(report, stderr) ? -EIO : 0;
	FILE *stream = open_file(request->file);
	if (!stream) {
		int code = errno;
		error_print_errno(code, "cannot write the %s report to '%s'", request->format->name,
				  request->file);
		return -code;
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
