// SPDX-License-Identifier: MIT
// analysis: all that is known of one run besides its events.
#include "evidence.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int evidence_doubt(struct evidence *evidence, const char *format, ...)
{
	va_list arguments;
	char *sentence;
	va_start(arguments, format);
	int length = vasprintf(&sentence, format, arguments);
	va_end(arguments);
	if (length < 0)
		return -ENOMEM;
	char **doubts = realloc(evidence->doubts, (evidence->doubt_count + 1) * sizeof *doubts);
	if (!doubts) {
		free(sentence);
		return -ENOMEM;
	}
	evidence->doubts = doubts;
	doubts[evidence->doubt_count++] = sentence;
	return 0;
}

void evidence_free(struct evidence *evidence)
{
	for (char **word = evidence->argv; word && *word; word++)
		free(*word);
	free(evidence->argv);
	for (size_t i = 0; i < evidence->doubt_count; i++)
		free(evidence->doubts[i]);
	free(evidence->doubts);
	free(evidence->isolation_why);
	free(evidence->plan);
	free(evidence->reaped);
	free(evidence->survivors);
	kernel_table_free(&evidence->before);
	kernel_table_free(&evidence->after);
	kernel_table_free(&evidence->host);
	*evidence = (struct evidence){0};
}
