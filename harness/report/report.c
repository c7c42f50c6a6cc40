// SPDX-License-Identifier: MIT
// report: the verdict, and what all formats look up.
#include "report.h"

enum verdict report_verdict(const struct report *report)
{
	for (size_t i = 0; i < report->findings->count; i++)
		if (report->findings->list[i].severity >= report->fail_on)
			return VERDICT_FINDINGS;
	return report->evidence->doubt_count ? VERDICT_INCONCLUSIVE : VERDICT_CLEAN;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {"clean", "findings", "inconclusive"};
	return names[verdict];
}

const char *report_string(const struct report *report, uint32_t ref, size_t *ret_length)
{
	const struct arena_entry *entry = arena_get(report->arena, report->arena_size, ref, ARENA_STRING);
	if (!entry)
		return NULL;
	*ret_length = entry->length;
	return (const char *)entry->data;
}
