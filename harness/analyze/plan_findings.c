// SPDX-License-Identifier: MIT
// analysis: what the rules themselves are guilty of: those that never had an effect.
#include "plan_findings.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

bool plan_rule_count(const struct plan *plan, uint32_t index, struct rule_count *ret_count)
{
	if (!plan || index >= plan->rule_count || index >= PLAN_RULES)
		return false;
	if (plan_print(&plan->rules[index], ret_count->text, sizeof(ret_count->text)) < 0)
		ret_count->text[0] = '\0';
	ret_count->name = plan->rules[index].name;
	ret_count->matches = plan_matches(plan, index);
	ret_count->hits = plan_hits(plan, index);
	ret_count->expect_hit = !plan->rules[index].expect_any;
	return true;
}

/* Why it was not hit, as far as the counts tell. */
static void explain(const struct plan *plan, uint32_t index, const struct rule_count *count, char *ret_text,
		    size_t size)
{
	const struct plan_world_row *world = plan_world_row(plan->rules[index].world);
	const char *reason =
	    "its effect never took place: an earlier rule gave the result, or when and p chose no call";

	if (!count->matches)
		reason = "no call passed its filters";
	else if (plan->world_privileged & UINT64_C(1) << index)
		reason =
		    "nothing can be denied to the program: it has CAP_IPC_OWNER. Run it as an ordinary user";
	else if (!(plan->world_failed & UINT64_C(1) << index) &&
		 plan->rules[index].when.first > count->matches)
		reason = "there were fewer matching calls than its when asks for";
	if (world && count->matches && plan->world_failed & ~plan->world_privileged & UINT64_C(1) << index)
		snprintf(ret_text, size, "its world could not be made: %s", world->fails);
	else
		snprintf(ret_text, size, "%s", reason);
}

int plan_findings(const struct plan *plan, struct findings *findings)
{
	struct rule_count count;

	for (uint32_t i = 0; plan_rule_count(plan, i, &count); i++) {
		struct finding finding = {
		    .id = FINDING_FAULT_NOT_HIT, .severity = SEVERITY_ERROR, .count = 1};
		char why[144];
		int error;

		if (count.hits || !count.expect_hit)
			continue;
		finding.segment.shmid = -1;
		explain(plan, i, &count, why, sizeof why);
		snprintf(finding.detail, sizeof(finding.detail),
			 "rule %" PRIu32 ", %.80s: %.140s (matching calls: %" PRIu64 ")", i + 1, count.text,
			 why, count.matches);
		error = findings_add(findings, &finding);
		if (error)
			return error;
	}
	return 0;
}

/* Nobody lived on to fail because of what HOLDER, as in plan->window, had changed. */
static bool died_at_deadline(const struct evidence *evidence, uint64_t holder)
{
	for (size_t i = 0; evidence->timed_out && i < evidence->reaped_count; i++)
		if ((uint64_t)evidence->reaped[i].pid == holder >> 32)
			return WIFSIGNALED(evidence->reaped[i].status) &&
			       WTERMSIG(evidence->reaped[i].status) == SIGKILL;
	return false;
}

int plan_doubts(const struct plan *plan, struct evidence *evidence)
{
	int code = 0;

	if (plan->overflow)
		code = evidence_doubt(evidence,
				      "%" PRIu64
				      " calls found no place for the count of a rule with scope=process or "
				      "scope=thread: it may have fired too seldom",
				      plan->overflow);
	if (!code && plan->window && !died_at_deadline(evidence, plan->window))
		code = evidence_doubt(
		    evidence, "a process died while world= had lowered a limit of the namespace or taken a "
			      "segment's mode: others may have failed because of that");
	return code;
}
