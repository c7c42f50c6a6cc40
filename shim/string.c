// SPDX-License-Identifier: MIT
// shim: the functions of <string.h> that the shim uses, hidden. The program, or a sanitizer linked into it, may have put
// its own in front of libc's, and ours run before those are ready.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
#if defined(__x86_64__)
	void *next = to;
	__asm__ volatile("rep movsb" : "+D"(next), "+S"(from), "+c"(size) : : "memory");
#else
	for (size_t i = 0; i < size; i++)
		((char *)to)[i] = ((const char *)from)[i];
#endif
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *target = to;
	const char *source = from;
	if ((uintptr_t)target <= (uintptr_t)source)
		return memcpy(to, from, size);
	while (size--)
		target[size] = source[size];
	return to;
}

void *memset(void *to, int value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((unsigned char *)to)[i] = (unsigned char)value;
	return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
	const unsigned char *a = left, *b = right;
	uint64_t x, y;
	for (; size >= sizeof x; a += sizeof x, b += sizeof y, size -= sizeof x) {
		__builtin_memcpy(&x, a, sizeof x);
		__builtin_memcpy(&y, b, sizeof y);
		if (x != y)
			break;
	}
	for (size_t i = 0; i < size; i++)
		if (a[i] != b[i])
			return a[i] - b[i];
	return 0;
}

void *memchr(const void *from, int value, size_t size)
{
	const unsigned char *bytes = from;
	for (size_t i = 0; i < size; i++)
		if (bytes[i] == (unsigned char)value)
			return (void *)(uintptr_t)(bytes + i);
	return NULL;
}

size_t strlen(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

size_t strnlen(const char *text, size_t most)
{
	size_t length = 0;
	while (length < most && text[length])
		length++;
	return length;
}

char *strchr(const char *text, int value)
{
	while (*text != (char)value)
		if (!*text++)
			return NULL;
	return (char *)(uintptr_t)text;
}

char *strrchr(const char *text, int value)
{
	const char *last = NULL;
	for (; (text = strchr(text, value)); text++) {
		last = text;
		if (!value)
			break;
	}
	return (char *)(uintptr_t)last;
}

int strncmp(const char *left, const char *right, size_t most)
{
	for (size_t i = 0; i < most; i++) {
		if (left[i] != right[i] || !left[i])
			return (unsigned char)left[i] - (unsigned char)right[i];
	}
	return 0;
}

int strcmp(const char *left, const char *right)
{
	return strncmp(left, right, SIZE_MAX);
}

char *strcpy(char *restrict to, const char *restrict from)
{
	return memcpy(to, from, strlen(from) + 1);
}

size_t strcspn(const char *text, const char *set)
{
	size_t length = 0;
	while (text[length] && !strchr(set, text[length]))
		length++;
	return length;
}

size_t strspn(const char *text, const char *set)
{
	size_t length = 0;
	while (text[length] && strchr(set, text[length]))
		length++;
	return length;
}

char *strstr(const char *text, const char *part)
{
	size_t length = strlen(part);
	for (; strncmp(text, part, length) != 0; text++)
		if (!*text)
			return NULL;
	return (char *)(uintptr_t)text;
}
