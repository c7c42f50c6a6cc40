// SPDX-License-Identifier: MIT
// shim: SHMCHECK_SELF: what an image tells the next one across exec.
#include "shim/self.h"

#include <string.h>

enum { NUMBER_WIDTH = 10 };

static bool take_number(const char **text, uint32_t *ret_number)
{
	uint64_t number = 0;
	const char *c = *text;
	for (; *c >= '0' && *c <= '9' && number <= UINT32_MAX; c++)
		number = number * 10 + (uint64_t)(*c - '0');
	if (c == *text || *c != ':' || number > UINT32_MAX)
		return false;
	*ret_number = (uint32_t)number;
	*text = c + 1;
	return true;
}

bool self_parse(const char *text, struct self *ret_self)
{
	struct self self = {0};
	uint32_t pid;
	if (!take_number(&text, &pid) || !take_number(&text, &self.serial) ||
	    !take_number(&text, &self.image) || !take_number(&text, &self.children))
		return false;
	size_t length = strlen(text);
	if (length == 0 || length >= ROLE_MAX)
		return false;
	self.pid = (int32_t)pid;
	memcpy(self.role, text, length + 1);
	*ret_self = self;
	return true;
}

/* Digits of NUMBER, at least WIDTH of them. */
static size_t put_number(char *text, uint32_t number, size_t width)
{
	char digits[NUMBER_WIDTH];
	size_t count = 0;
	do
		digits[count++] = (char)('0' + number % 10);
	while ((number /= 10) || count < width);
	for (size_t i = 0; i < count; i++)
		text[i] = digits[count - 1 - i];
	return count;
}

size_t self_format(const struct self *self, char text[SELF_MAX])
{
	const uint32_t numbers[] = {(uint32_t)self->pid, self->serial, self->image, self->children};
	size_t role = strlen(self->role);
	size_t length = ROLE_MAX - 1 - role;
	memset(text, '0', length);
	for (unsigned i = 0; i < 4; i++) {
		length += put_number(text + length, numbers[i], NUMBER_WIDTH);
		text[length++] = ':';
	}
	memcpy(text + length, self->role, role + 1);
	return length + role;
}

void self_append(char role[ROLE_MAX], uint32_t number)
{
	char tail[12] = "@";
	size_t length = strlen(role);
	size_t more = 1 + put_number(tail + 1, number, 1);
	if (length + more < ROLE_MAX) {
		memcpy(role + length, tail, more);
		role[length + more] = '\0';
	} else if (length + 2 < ROLE_MAX) {
		memcpy(role + length, "@+", 3);
	}
}
