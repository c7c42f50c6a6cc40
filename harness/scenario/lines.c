// SPDX-License-Identifier: MIT
// scenario: sentences of a report, a line each, in a piece of memory of a known size.
#include "lines.h"

#include <stdarg.h>
#include <stdio.h>

void lines_put(struct lines *lines, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(lines->text + lines->length, lines->size - lines->length, format, arguments);
	va_end(arguments);
	lines->length += (size_t)(length > 0 ? length : 0);
	if (lines->length >= lines->size)
		lines->length = lines->size - 1;
}
