// SPDX-License-Identifier: MIT
// front end: shmcheck report: the same report, from a kept log.
#include "command.h"
#include "conclude.h"
#include "error.h"
#include "harness/log/log.h"

#include <errno.h>

static int take(void *context, const struct record *record)
{
	return ledger_apply(context, record);
}

int command_report(struct options *options)
{
	const char *path = options->launch.argv[0];
	options->events_log = path;
	struct ledger *ledger = ledger_new();
	struct log_content content = {0};
	enum verdict verdict;
	char why[256];
	if (!ledger) {
		error_print_errno(ENOMEM, "cannot start");
		return EXIT_BROKEN;
	}
	int status = EXIT_USAGE;
	int code = log_read(path, take, ledger, &content, why);
	if (code)
		error_print("cannot read the log '%s': %s", path, why);
	else if (conclude(options, ledger, &content.evidence, content.arena, content.arena_size, &verdict))
		status = EXIT_BROKEN;
	else
		status = verdict == VERDICT_CLEAN      ? 0
			 : verdict == VERDICT_FINDINGS ? EXIT_FINDINGS
						       : EXIT_INCONCLUSIVE;
	log_content_free(&content);
	ledger_free(ledger);
	return status;
}
