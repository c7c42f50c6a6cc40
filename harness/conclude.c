// SPDX-License-Identifier: MIT
// front end: from the books and the evidence to the reports: what `run` and `report` share.
#include "conclude.h"

#include "command.h"
#include "error.h"
#include "harness/analyze/plan_findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct report_format report_formats[] = {{"text", report_text}, {"json", report_json}, {0}};

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

static int render(const struct report_request *request, struct report *report)
{
	if (!request->file)
		return request->format->render(report, stderr) ? -EIO : 0;
	FILE *stream = fopen(request->file, "we");
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

/* The rules' own findings and doubts, where the counts are known. */
static int judge_rules(struct evidence *evidence, struct findings *findings)
{
	int code = plan_findings(evidence->plan, findings);
	if (!code)
		code = plan_doubts(evidence->plan, evidence);
	findings_sort(findings);
	return code;
}

int conclude(const struct options *options, const struct ledger *ledger, struct evidence *evidence,
	     const struct arena *arena, uint64_t arena_size, enum verdict *ret_verdict)
{
	struct findings findings = {0};
	ledger_texts(ledger, arena, arena_size);
	int code = ledger_doubts(ledger, evidence);
	if (!code)
		code = ledger_judge(ledger, evidence, &findings);
	if (!code && evidence->plan)
		code = judge_rules(evidence, &findings);
	struct stacks *stacks = code ? NULL : stacks_new(arena, arena_size);
	if (!stacks) {
		error_print_errno(code ? -code : ENOMEM, "the run could not be judged");
		findings_free(&findings);
		return code ? code : -ENOMEM;
	}
	struct report report = {.evidence = evidence,
				.findings = &findings,
				.ledger = ledger,
				.stacks = stacks,
				.arena = arena,
				.arena_size = arena_size,
				.show = options->show,
				.fail_on = options->fail_on,
				.verbose = options->verbose,
				.quiet = options->quiet,
				.log_path = options->log_path};
	for (unsigned i = 0; i < options->report_count; i++) {
		report.color = wants_color(options, options->reports[i].file);
		int failed = render(&options->reports[i], &report);
		code = code ? code : failed;
	}
	*ret_verdict = report_verdict(&report);
	stacks_free(stacks);
	findings_free(&findings);
	return code;
}
