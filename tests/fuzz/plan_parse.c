// SPDX-License-Identifier: MIT
// tests: libFuzzer on the grammar of rules. Whatever it accepts must print, read back equal, and decide.
//   clang -g -O1 -fsanitize=fuzzer,address,undefined -I. -D_GNU_SOURCE -o /tmp/plan_fuzz tests/fuzz/plan_parse.c \
//       protocol/plan*.c protocol/call.c protocol/errno_name.c protocol/signal_name.c
//   /tmp/plan_fuzz -dict=tests/fuzz/plan_parse.dict -max_len=512 NEW_FOLDER tests/fuzz/corpus-plan_parse
#include "protocol/plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(const char *pattern, const struct plan_call *call)
{
	return plan_glob(pattern, "libfoo.so.1", 11) && call->caller;
}

static void check_error(const struct plan_error *error, size_t size)
{
	if (!error->what || error->start > size || error->length > size - error->start || !error->line ||
	    !error->column)
		abort();
}

static void check_round_trip(const struct plan *plan, struct plan *again)
{
	struct plan_error error;
	char text[PLAN_TEXT];

	for (uint32_t i = 0; i < plan->rule_count; i++) {
		struct plan_rule rule = plan->rules[i];
		int length = plan_print(&rule, text, sizeof(text));

		plan_init(again, sizeof(*again), 0);
		if (length <= 0 || plan_parse(again, text, (size_t)length, &error) || again->rule_count != 1)
			abort();
		rule.counter = again->rules[0].counter;
		if (memcmp(&rule, &again->rules[0], sizeof(rule)) != 0)
			abort();
	}
}

static void decide_some(struct plan *plan, const uint8_t *data, size_t size)
{
	uint64_t args[4] = {0};

	memcpy(args, data, size < sizeof(args) ? size : sizeof(args));
	for (unsigned call = 0; call < CALL_COUNT; call++) {
		struct plan_call about = {.call = call,
					  .args = args,
					  .process = 1,
					  .tid = 1,
					  .caller = 1,
					  .roles = plan_roles(plan, "main@1", 6)};
		struct plan_decision decision;

		plan_decide(plan, &about, inside, &decision);
		if (decision.rule > plan->rule_count)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plan plan, again;
	struct plan_error error = {0};
	char *text = malloc(size ? size : 1); /* its own, so that reading past the end is seen */

	memcpy(text, data, size);
	plan_init(&plan, sizeof(plan), 0);
	if (plan_parse(&plan, text, size, &error)) {
		check_error(&error, size);
	} else {
		check_round_trip(&plan, &again);
		decide_some(&plan, data, size);
	}
	free(text);
	return 0;
}
