// SPDX-License-Identifier: MIT
// front end: the options on judging and reporting.
#include "options_judging.h"

#include "command.h"
#include "harness/report/known.h"
#include "harness/report/xml.h"
#include "options.h"
#include "options_value.h"

#include <stdlib.h>
#include <string.h>

enum option_key {
	OPTION_FAIL_ON = 1024,
	OPTION_SHOW,
	OPTION_REPORT,
	OPTION_COLOR,
	OPTION_SUPPRESSIONS,
	OPTION_GEN_SUPPRESSIONS,
	OPTION_BASELINE,
	OPTION_WRITE_BASELINE,
	OPTION_PERSISTENT,
	OPTION_EVENTS
};

static const struct argp_option judging_options[] = {
    {NULL, 0, NULL, 0, "Judging and reporting:", 2},
    {"fail-on", OPTION_FAIL_ON, "error|warning|note|never", 0, "Lowest severity that fails the run (error)",
     2},
    {"show", OPTION_SHOW, "error|warning|note", 0, "Lowest severity that is printed (warning)", 2},
    {"suppressions", OPTION_SUPPRESSIONS, "FILE", 0,
     "Findings that are known and don't count, a line each; repeatable", 2},
    {"gen-suppressions", OPTION_GEN_SUPPRESSIONS, "FILE", OPTION_ARG_OPTIONAL,
     "Print such a line for each finding that counts, or write them to FILE", 2},
    {"baseline", OPTION_BASELINE, "FILE", 0, "Only findings that FILE does not have count", 2},
    {"write-baseline", OPTION_WRITE_BASELINE, "FILE", 0, "Put all findings into FILE, for --baseline", 2},
    {"persistent", OPTION_PERSISTENT, "KEY", 0, "A segment with KEY is left on purpose: no leak; repeatable",
     2},
    {"report", OPTION_REPORT, "FORMAT[:FILE]", 0,
     "text, json, junit, tap, tap13, sarif or github, to FILE or standard error; repeatable (text)", 2},
    {"events", OPTION_EVENTS, NULL, 0, "With --report=json, of run and report: every event too", 2},
    {"color", OPTION_COLOR, "auto|always|never", 0, "Colour in the text report (auto; NO_COLOR is honoured)",
     2},
    {"quiet", 'q', NULL, 0, "No line for a clean program", 2},
    {"verbose", 'v', NULL, 0, "Whole stacks, notes on what was done", 2},
    {0}};

static void add_report(struct argp_state *state, char *value, struct options *options)
{
	const char *names[REPORTS_MAX + 1] = {NULL};
	for (unsigned i = 0; report_formats[i].name; i++)
		names[i] = report_formats[i].name;
	if (options->report_count == REPORTS_MAX)
		option_error(state, "--report: at most %d of them", REPORTS_MAX);
	char *file = strchr(value, ':');
	if (file)
		*file++ = '\0';
	if (file && !*file)
		option_error(state, "--report=%s:: the file's name is missing", value);
	struct report_request *request = &options->reports[options->report_count++];
	request->format = &report_formats[option_choice(state, "report", value, names)];
	request->file = file;
	const char *why;
	if (request->format->render == report_junit && !xml_load(&why))
		option_error(state, "--report=junit needs libxml2, which cannot be loaded: %s", why);
}

/* What is wrong was said. */
static void stop_if(int code)
{
	if (!code)
		return;
	option_place();
	exit(argp_err_exit_status);
}

static error_t parse_judging(int key, char *value, struct argp_state *state)
{
	struct options *options = state->input;
	static const char *const severities[] = {"note", "warning", "error", NULL};
	static const char *const failing[] = {"note", "warning", "error", "never", NULL};
	static const char *const colors[] = {"never", "always", "auto", NULL};
	unsigned color;
	switch (key) {
	case OPTION_FAIL_ON:
		options->fail_on = option_choice(state, "fail-on", value, failing);
		return 0;
	case OPTION_SHOW:
		options->show = option_choice(state, "show", value, severities);
		return 0;
	case OPTION_SUPPRESSIONS:
		stop_if(known_add_suppressions(options->known, value));
		return 0;
	case OPTION_GEN_SUPPRESSIONS:
		options->known->generate = true;
		options->known->generate_file = value;
		return 0;
	case OPTION_BASELINE:
		stop_if(known_add_baseline(options->known, value));
		return 0;
	case OPTION_WRITE_BASELINE:
		options->known->write_baseline = value;
		return 0;
	case OPTION_PERSISTENT:
		stop_if(known_add_persistent(options->known, value));
		return 0;
	case OPTION_REPORT:
		add_report(state, value, options);
		return 0;
	case OPTION_EVENTS:
		options->events = true;
		return 0;
	case OPTION_COLOR:
		color = option_choice(state, "color", value, colors);
		options->color = color == 2 ? -1 : (int)color;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp options_judging_argp = {judging_options, parse_judging, NULL, NULL, NULL, NULL, NULL};
