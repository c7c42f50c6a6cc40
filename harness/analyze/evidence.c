// SPDX-License-Identifier: MIT
// analysis: all that is known of one run besides its events.
#include "evidence.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int add_sentence(char ***list, size_t *count, const char *format, va_list arguments)
{
	char *sentence;
	if (vasprintf(&sentence, format, arguments) < 0)
		return -ENOMEM;
	char **longer = realloc(*list, (*count + 1) * sizeof *longer);
	if (!longer) {
		free(sentence);
		return -ENOMEM;
	}
	*list = longer;
	longer[(*count)++] = sentence;
	return 0;
}

int evidence_doubt(struct evidence *evidence, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int code = add_sentence(&evidence->doubts, &evidence->doubt_count, format, arguments);
	va_end(arguments);
	return code;
}

int evidence_hint(struct evidence *evidence, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int code = add_sentence(&evidence->hints, &evidence->hint_count, format, arguments);
	va_end(arguments);
	return code;
}

int evidence_doubt_log(struct evidence *evidence)
{
	int code = 0;
	if (evidence->lost_events)
		code = evidence_doubt(evidence, "%llu events found no room in time and were lost",
				      (unsigned long long)evidence->lost_events);
	if (!code && evidence->bad_records)
		code =
		    evidence_doubt(evidence, "%llu records of the event log were overwritten by the program",
				   (unsigned long long)evidence->bad_records);
	return code;
}

/* The list has room for the power of two that is not below its count. */
int evidence_add_reaped(struct evidence *evidence, struct reaped reaped)
{
	size_t count = evidence->reaped_count;
	if ((count & (count - 1)) == 0) {
		size_t room = count ? 2 * count : 1;
		struct reaped *more = realloc(evidence->reaped, room * sizeof *more);
		if (!more)
			return -ENOMEM;
		evidence->reaped = more;
	}
	evidence->reaped[evidence->reaped_count++] = reaped;
	return 0;
}

int evidence_setting(struct evidence *evidence, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int code = add_sentence(&evidence->settings, &evidence->setting_count, format, arguments);
	va_end(arguments);
	return code;
}

int evidence_add_crash(struct evidence *evidence, const struct crash *crash)
{
	struct crash *crashes = realloc(evidence->crashes, (evidence->crash_count + 1) * sizeof *crashes);
	if (!crashes)
		return -ENOMEM;
	evidence->crashes = crashes;
	crashes[evidence->crash_count++] = *crash;
	return 0;
}

const struct crash *evidence_crash_of(const struct evidence *evidence, pid_t pid)
{
	const struct crash *best = NULL;
	for (size_t i = 0; i < evidence->crash_count; i++)
		if (evidence->crashes[i].pid == pid && (!best || evidence->crashes[i].source == CRASH_TRACED))
			best = &evidence->crashes[i];
	return best;
}

bool evidence_has_survivor(const struct evidence *evidence, pid_t pid)
{
	for (size_t i = 0; i < evidence->survivor_count; i++)
		if (evidence->survivors[i].pid == pid)
			return true;
	return false;
}

bool evidence_ended_well(const struct evidence *evidence)
{
	return !evidence->plain_preload && !evidence->timed_out && evidence->program_status == 0;
}

void evidence_free(struct evidence *evidence)
{
	for (char **word = evidence->argv; word && *word; word++)
		free(*word);
	free(evidence->argv);
	for (size_t i = 0; i < evidence->doubt_count; i++)
		free(evidence->doubts[i]);
	free(evidence->doubts);
	for (size_t i = 0; i < evidence->hint_count; i++)
		free(evidence->hints[i]);
	free(evidence->hints);
	for (size_t i = 0; i < evidence->setting_count; i++)
		free(evidence->settings[i]);
	free(evidence->settings);
	free(evidence->isolation_why);
	free(evidence->plan);
	free(evidence->reaped);
	free(evidence->crashes);
	free(evidence->survivors);
	kernel_table_free(&evidence->before);
	kernel_table_free(&evidence->after);
	kernel_table_free(&evidence->host);
	*evidence = (struct evidence){0};
}
