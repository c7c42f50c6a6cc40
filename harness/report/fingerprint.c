// SPDX-License-Identifier: MIT
// report: what makes two findings the same one, from run to run and from version to version of a program.
#include "fingerprint.h"

#include "report.h"

#include <inttypes.h>
#include <string.h>

/* FNV-1a: kept in files, so it must never change. */
static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t length)
{
	for (const unsigned char *next = bytes; length; next++, length--)
		hash = (hash ^ *next) * UINT64_C(0x100000001b3);
	return hash;
}

/* The NUL goes in too: "ab","c" is not "a","bc". */
static uint64_t add_text(uint64_t hash, const char *text)
{
	return text ? add_bytes(hash, text, strlen(text) + 1) : add_bytes(hash, "", 1);
}

static uint64_t add_number(uint64_t hash, uint64_t number)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRIu64, number);
	return add_text(hash, text);
}

static const char *file_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash ? slash + 1 : path;
}

/* Without what a compiler hangs on it: "main.cold", "parse.part.0", and a symbol's version. */
static uint64_t add_function(uint64_t hash, const char *function)
{
	hash = add_bytes(hash, function, strcspn(function, ".@"));
	return add_bytes(hash, "", 1);
}

static uint64_t add_place(uint64_t hash, const char *object, const char *function, uint64_t offset)
{
	hash = add_text(hash, file_name(object));
	return function ? add_function(hash, function) : add_number(hash, offset);
}

/* An inlined frame is the compiler's whim: the same source has it or not, by its options. The C library's frames
 * change with its version and with whether its debug information is there. */
static uint64_t add_stack(uint64_t hash, const struct told_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];
		if (!frame->inlined && !told_is_system(frame))
			hash = add_place(hash, frame->object, frame->function, frame->offset);
	}
	return hash;
}

static uint64_t begin(const char *kind)
{
	return add_text(UINT64_C(0xcbf29ce484222325), kind);
}

static uint64_t end(uint64_t hash)
{
	return hash ? hash : 1;
}

uint64_t fingerprint_finding(const struct told_finding *finding)
{
	const struct told_stack *stack = told_main_stack(finding);
	const struct told_segment *segment = &finding->segment;
	uint64_t hash = add_text(begin("finding"), finding_row(finding->id)->name);
	hash = add_text(hash, finding->offending.known ? finding->offending.name : NULL);
	if (stack->count)
		return end(add_stack(hash, stack));
	if (finding->has_segment) {
		hash = add_text(hash, segment->creation.comm);
		hash = add_number(hash, (uint32_t)segment->facts.key);
		return end(add_number(hash, segment->facts.bytes));
	}
	if (finding->offending.known)
		return end(add_text(hash, finding->offending.comm));
	return end(add_text(hash, finding->detail));
}

uint64_t fingerprint_case(const struct report_case *report_case)
{
	const struct location *location = &report_case->location;
	uint64_t hash = add_text(begin("case"), report_case->verdict);
	hash = add_text(hash, file_name(report_case->group));
	if (!location->file && !location->object)
		return end(add_text(hash, report_case->name));
	if (!location->object)
		hash = add_text(hash, file_name(location->file));
	return end(add_place(hash, location->object, location->function, location->offset));
}

void fingerprint_print(uint64_t fingerprint, char ret_text[FINGERPRINT_TEXT])
{
	snprintf(ret_text, FINGERPRINT_TEXT, "%016" PRIx64, fingerprint);
}

bool fingerprint_parse(const char *text, uint64_t *ret_fingerprint)
{
	uint64_t value = 0;
	size_t digits = strspn(text, "0123456789abcdef");
	if (digits != FINGERPRINT_TEXT - 1 || text[digits])
		return false;
	for (; *text; text++)
		value = value * 16 + (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	*ret_fingerprint = value;
	return true;
}
