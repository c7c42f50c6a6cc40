// SPDX-License-Identifier: MIT
// front end: durations as people write them.
#include "duration.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *unit;
	double ms;
} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60e3}, {"h", 3600e3}};

int duration_parse(const char *text, int64_t *ret_ms)
{
	if (!isdigit((unsigned char)text[0]) && text[0] != '.')
		return -EINVAL;
	size_t digits = strspn(text, "0123456789.");
	char *end;
	double value = strtod(text, &end);
	if (end != text + digits)
		return -EINVAL;
	for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
		if (strcmp(end, units[i].unit) != 0)
			continue;
		double ms = ceil(value * units[i].ms);
		if (!(ms < 1e15))
			return -EINVAL;
		*ret_ms = (int64_t)ms;
		return 0;
	}
	return -EINVAL;
}
