// SPDX-License-Identifier: MIT
// protocol: shell-like patterns, as libc's fnmatch allocates.
#include "plan.h"

/* Whether C is in the set that begins after '['; *RET_END gets the place behind ']'. Without ']': no set. */
static bool in_set(const char *set, char c, const char **ret_end)
{
	bool negated = *set == '!' || *set == '^', found = false;
	const char *p = set + negated;

	*ret_end = NULL;
	for (bool first = true; *p && (*p != ']' || first); first = false, p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			found |= c >= p[0] && c <= p[2];
			p += 2;
		} else {
			found |= c == *p;
		}
	}
	if (*p == ']')
		*ret_end = p + 1;
	return found != negated;
}

/* Whether C matches the one element at *PATTERN (not a star), which is then left behind. */
static bool match_one(const char **pattern, char c)
{
	const char *p = *pattern, *end;

	if (*p == '[') {
		bool found = in_set(p + 1, c, &end);

		if (end) {
			*pattern = end;
			return found;
		}
	}
	*pattern = p + 1;
	return *p == '?' || *p == c;
}

bool plan_glob(const char *pattern, const char *text, size_t length)
{
	const char *star = NULL, *p = pattern;
	size_t i = 0, retry = 0;

	while (i < length) {
		if (*p == '*') {
			star = ++p;
			retry = i;
			continue;
		}
		if (*p && match_one(&p, text[i])) {
			i++;
			continue;
		}
		if (!star)
			return false;
		p = star;
		i = ++retry;
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}
