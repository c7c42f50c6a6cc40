// SPDX-License-Identifier: MIT
// front end: the rules that the options ask for.
#include "compile_rules.h"

#include <errno.h>
#include <stdio.h>

int compile_rules(struct options *options, struct rules *rules)
{
	int code = rules ? 0 : -ENOMEM;
	for (unsigned i = 0; !code && i < options->rule_count; i++)
		code = rules_add(
		    rules, i < options->environment_rule_count ? "SHMCHECK_OPTIONS, --inject" : "--inject",
		    options->rules[i], stderr);
	for (unsigned i = 0; !code && i < options->rule_file_count; i++)
		code = rules_add_file(rules, options->rule_files[i], stderr);
	if (code)
		return code;
	uint64_t size = 0;
	options->launch.plan = rules_plan(rules, &size);
	options->launch.plan_size = options->launch.plan ? size : 0;
	if (options->verbose && options->launch.plan)
		rules_print(options->launch.plan, stderr);
	return 0;
}
