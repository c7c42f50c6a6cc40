// SPDX-License-Identifier: MIT
// analysis: what the rules themselves are guilty of: those that never had an effect.
#include "plan_findings.h"

#include <inttypes.h>
#include <stdio.h>

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
static const char *reason(const struct plan *plan, uint32_t index, const struct rule_count *count)
{
	if (!count->matches)
		return "no call passed its filters";
	if (plan->world_privileged & UINT64_C(1) << index)
		return "nothing can be denied to the program: it has CAP_IPC_OWNER. Run it as an ordinary "
		       "user";
	if (plan->world_failed & UINT64_C(1) << index && plan->rules[index].world == WORLD_DENIED)
		return "its world could not be made: the segment is not there or is not the program's, or "
		       "the call "
		       "asks for nothing that its mode denies";
	if (plan->world_failed & UINT64_C(1) << index)
		return "its world could not be made";
	if (plan->rules[index].when.first > count->matches)
		return "there were fewer matching calls than its when asks for";
	return "its effect never took place: an earlier rule gave the result, or when and p chose no call";
}

int plan_findings(const struct plan *plan, struct findings *findings)
{
	struct rule_count count;

	for (uint32_t i = 0; plan_rule_count(plan, i, &count); i++) {
		struct finding finding = {
		    .id = FINDING_FAULT_NOT_HIT, .severity = SEVERITY_ERROR, .count = 1};
		int error;

		if (count.hits || !count.expect_hit)
			continue;
		finding.segment.shmid = -1;
		snprintf(finding.detail, sizeof(finding.detail),
			 "rule %" PRIu32 ", %.90s: %s (matching calls: %" PRIu64 ")", i + 1, count.text,
			 reason(plan, i, &count), count.matches);
		error = findings_add(findings, &finding);
		if (error)
			return error;
	}
	return 0;
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
	if (!code && plan->window)
		code = evidence_doubt(
		    evidence, "a process died while world= had lowered a limit of the namespace or taken a "
			      "segment's mode: others may have failed because of that");
	return code;
}
