// SPDX-License-Identifier: MIT
// front end: shmcheck doctor: can the shim get into a program, and if not, why.
#include "command.h"
#include "error.h"
#include "harness/clock.h"
#include "harness/launch/partner.h"
#include "harness/launch/preload.h"
#include "harness/launch/sandbox.h"
#include "harness/launch/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As one line that a terminal can show: paths may hold anything. */
static void __attribute__((format(printf, 2, 3))) put(const char *label, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = error_text(format, arguments);
	va_end(arguments);
	printf("%-11s%s\n", label, text ? text : "");
	free(text);
}

static void warn_of_partners(const struct target *target)
{
	struct evidence evidence = {0};
	partner_hints(target, &evidence);
	for (size_t i = 0; i < evidence.hint_count; i++)
		put("partner:", "%s", evidence.hints[i]);
	evidence_free(&evidence);
}

static void check_isolation(void)
{
	const struct launch_options options = {.limits = {-1, -1, -1}};
	struct evidence evidence = {0};
	char why[512];
	sandbox_enter(&options, &evidence, why);
	if (evidence.isolation == ISOLATION_PRIVATE)
		put("isolation:", "a private IPC namespace is permitted");
	else
		put("isolation:", "none: %s", evidence.isolation_why ? evidence.isolation_why : why);
	evidence_free(&evidence);
}

int command_doctor(struct options *options)
{
	struct target target;
	char library[4096], why[512];
	int code = target_inspect(options->launch.argv[0], &target);
	if (code) {
		error_print_errno(-code, "cannot execute '%s'", options->launch.argv[0]);
		return code == -ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	}
	put("program:", "%s", target.path);
	if (target.interpreter[0])
		put("script:", "run by %s", target.interpreter);
	put("shim:", "%s", target_sentence(target.obstacle));
	if (target.is_suid_to_self)
		put("setuid:", "set-user-id or set-group-id, but to your own ids: no privilege is gained");
	if (target.sanitizer[0])
		put("sanitizer:", "%s wants to be the first library: the shim hides from it",
		    target.sanitizer);
	code = preload_find(library, why);
	put("library:", "%s", code ? why : library);
	put("clock:", "%s",
	    clock_is_counter() ? "the processor's counter, as the kernel's own" : "CLOCK_MONOTONIC");
	warn_of_partners(&target);
	check_isolation();
	return code ? EXIT_BROKEN : target.obstacle == TARGET_OK ? 0 : EXIT_INCONCLUSIVE;
}
