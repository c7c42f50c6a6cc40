// SPDX-License-Identifier: MIT
// scenario: values that are written as a text: counts, exit statuses, bytes, users.
#include "value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_number(const char **text, uint64_t *ret_number)
{
	char *end;
	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*ret_number = strtoull(*text, &end, 10);
	*text = end;
	return errno == 0;
}

int count_parse(const char *text, struct count_range *ret_range)
{
	struct count_range range;
	if (!take_number(&text, &range.least))
		return -EINVAL;
	range.most = range.least;
	if (strcmp(text, "+") == 0) {
		range.most = UINT64_MAX;
	} else if (strncmp(text, "..", 2) == 0) {
		text += 2;
		if (!take_number(&text, &range.most) || *text || range.most < range.least)
			return -EINVAL;
	} else if (*text) {
		return -EINVAL;
	}
	*ret_range = range;
	return 0;
}

int counted_parse(const char *text, size_t *ret_length, struct count_range *ret_range)
{
	size_t length = strcspn(text, " ");
	const char *count = text + length + strspn(text + length, " ");
	struct count_range range = {1, 1};
	if (length == 0 || (*count && count_parse(count, &range)))
		return -EINVAL;
	*ret_length = length;
	*ret_range = range;
	return 0;
}

int exit_parse(const char *text, enum exit_kind *ret_kind, int *ret_status)
{
	uint64_t status = 0;
	*ret_kind = strcmp(text, "any") == 0       ? EXIT_ANY
		    : strcmp(text, "nonzero") == 0 ? EXIT_NONZERO
						   : EXIT_STATUS;
	if (*ret_kind == EXIT_STATUS && (!take_number(&text, &status) || *text || status > 255))
		return -EINVAL;
	*ret_status = (int)status;
	return 0;
}

const char *count_say(const struct count_range *range, char text[64])
{
	if (range->most == 0)
		snprintf(text, 64, "none");
	else if (range->most == UINT64_MAX)
		snprintf(text, 64, "at least %" PRIu64, range->least);
	else if (range->most == range->least)
		snprintf(text, 64, "%" PRIu64, range->least);
	else
		snprintf(text, 64, "%" PRIu64 " to %" PRIu64, range->least, range->most);
	return text;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return found ? (int)(found - digits) : -1;
}

int hex_parse(const char *text, unsigned char *ret_bytes, size_t room)
{
	size_t count = 0;
	for (text += strspn(text, " "); *text; text += 2 + strspn(text + 2, " "), count++) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			return -EINVAL;
		if (count < room)
			ret_bytes[count] = (unsigned char)(high << 4 | low);
	}
	return count && count <= INT32_MAX ? (int)count : -EINVAL;
}

int user_parse(const char *text, struct launch_user *ret_user)
{
	uint64_t number;
	const char *rest = text;
	const struct passwd *entry = getpwnam(text);
	if (entry) {
		*ret_user = (struct launch_user){text, entry->pw_uid, entry->pw_gid};
		return 0;
	}
	if (!take_number(&rest, &number) || *rest || number >= UINT32_MAX)
		return -ENOENT;
	entry = getpwuid((uid_t)number);
	*ret_user = (struct launch_user){NULL, (uid_t)number, entry ? entry->pw_gid : (gid_t)number};
	return 0;
}
