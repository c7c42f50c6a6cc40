// SPDX-License-Identifier: MIT
// protocol: a rule in canonical form.
#include "errno_name.h"
#include "plan_expression.h"
#include "plan_text.h"
#include "signal_name.h"

#include <errno.h>

enum { ALL_CALLS = (1 << CALL_COUNT) - 1 };

static void print_shmctl(const struct plan_rule *rule, struct out *out)
{
	unsigned count;
	const struct shmctl_row *rows = shmctl_rows(&count);
	bool first = true;

	if (rule->commands == shmctl_bits()) {
		out_text(out, "shmctl");
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (!(rule->commands & 1u << i))
			continue;
		out_text(out, first ? "shmctl." : ",shmctl.");
		out_text(out, rows[i].suffix);
		first = false;
	}
}

static void print_calls(const struct plan_rule *rule, struct out *out)
{
	bool first = true;

	if (rule->calls == ALL_CALLS && rule->commands == shmctl_bits()) {
		out_text(out, "all");
		return;
	}
	for (unsigned call = 0; call < CALL_COUNT; call++) {
		if (!(rule->calls & 1u << call))
			continue;
		if (!first)
			out_char(out, ',');
		first = false;
		if (call == CALL_SHMCTL)
			print_shmctl(rule, out);
		else
			out_text(out, call_row(call)->name);
	}
}

static void print_signal(const struct plan_rule *rule, struct out *out)
{
	const char *name = signal_name(rule->signal);

	out_text(out, ":signal=");
	out_text(out, name ? name : "?");
	if (rule->signal_enter)
		out_text(out, "@enter");
}

static void print_delay(const char *key, uint64_t ns, struct out *out)
{
	if (!ns)
		return;
	out_text(out, key);
	if (ns % 1000000000 == 0) {
		out_number(out, ns / 1000000000, 10);
		out_text(out, "s");
	} else if (ns % 1000000 == 0) {
		out_number(out, ns / 1000000, 10);
		out_text(out, "ms");
	} else if (ns % 1000 == 0) {
		out_number(out, ns / 1000, 10);
		out_text(out, "us");
	} else {
		out_number(out, ns, 10);
		out_text(out, "ns");
	}
}

static void print_when(const struct plan_when *when, struct out *out)
{
	bool is_open = when->last == PLAN_FOREVER;

	if (when->first == 1 && is_open && when->step == 1)
		return;
	out_text(out, ":when=");
	out_number(out, when->first, 10);
	if (!is_open && when->last != when->first) {
		out_text(out, "..");
		out_number(out, when->last, 10);
	}
	if (when->first == when->last)
		return;
	if (is_open || when->step != 1)
		out_char(out, '+');
	if (when->step != 1)
		out_number(out, when->step, 10);
}

static void print_probability(uint32_t p, struct out *out)
{
	uint32_t unit = PLAN_CERTAIN / 10;

	if (p == PLAN_CERTAIN)
		return;
	out_text(out, ":p=0.");
	for (; p && unit; p %= unit, unit /= 10)
		out_char(out, (char)('0' + p / unit));
}

static void print_result(const struct plan_rule *rule, struct out *out)
{
	const char *name = errno_name(rule->error);

	if (rule->result == RESULT_ERROR) {
		out_text(out, ":error=");
		out_text(out, name ? name : "?");
	} else if (rule->result == RESULT_VALUE) {
		out_text(out, ":retval=");
		out_signed(out, rule->value);
	} else if (rule->result == RESULT_WORLD && plan_world_row(rule->world)) {
		out_text(out, ":world=");
		out_text(out, plan_world_row(rule->world)->name);
		if (rule->world_size)
			out_char(out, ',');
		if (rule->world_size)
			out_number(out, rule->world_size, 10);
	}
	if (rule->after)
		out_text(out, ":effect=after");
}

static void print_filters(const struct plan_rule *rule, struct out *out)
{
	print_when(&rule->when, out);
	print_probability(rule->p, out);
	if (rule->scope != SCOPE_TREE)
		out_text(out, rule->scope == SCOPE_PROCESS ? ":scope=process" : ":scope=thread");
	if (rule->condition.op_count) {
		out_text(out, ":if=");
		expression_print(&rule->condition, out);
	}
	if (rule->inside[0]) {
		out_text(out, ":in=");
		out_text(out, rule->inside);
	}
}

int plan_print(const struct plan_rule *rule, char *buffer, size_t size)
{
	struct out out = {.text = buffer, .size = size};

	if (rule->role[0]) {
		out_text(&out, rule->role);
		out_char(&out, '/');
	}
	print_calls(rule, &out);
	print_result(rule, &out);
	if (rule->signal)
		print_signal(rule, &out);
	print_delay(":delay_enter=", rule->delay_enter_ns, &out);
	print_delay(":delay_exit=", rule->delay_exit_ns, &out);
	print_filters(rule, &out);
	if (rule->name[0]) {
		out_text(&out, ":name=");
		out_text(&out, rule->name);
	}
	if (rule->expect_any != (rule->p != PLAN_CERTAIN))
		out_text(&out, rule->expect_any ? ":expect=any" : ":expect=hit");
	return out.length < size ? (int)out.length : -ENOSPC;
}
