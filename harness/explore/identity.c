// SPDX-License-Identifier: MIT
// explore: a stack in the words that rules and reports use.
#include "identity.h"

#include "harness/report/say.h"
#include "harness/report/told.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CALLERS = 3 };

static bool is_sayable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";
	return name[0] && strspn(name, letters) == strlen(name);
}

/* "fio+0x1f2e<0x2a10<0x3b20": return addresses in the module that makes the call, as far as they fit. A frame's pc lies
 * inside the call, one before the address that it returns to. What a signal interrupted returns nowhere, and may lie on
 * another stack: there it ends. */
static void describe_site(const struct stack *stack, char site[SITE_MAX])
{
	const struct frame *first = &stack->frames[0];
	const char *slash = first->object ? strrchr(first->object, '/') : NULL;
	const char *name = slash ? slash + 1 : "";
	if (!first->module || !is_sayable(name) || strlen(name) > SITE_MAX / 2)
		return;
	size_t at = (size_t)snprintf(site, SITE_MAX, "%s+%#" PRIx64, name, first->offset + 1);
	for (size_t i = 1; i < stack->count && !stack->frames[i].is_signal; i++) {
		const struct frame *frame = &stack->frames[i];
		char more[24];
		if (frame->inlined || frame->module != first->module)
			continue;
		size_t length = (size_t)snprintf(more, sizeof more, "<%#" PRIx64, frame->offset + 1);
		if (at + length >= SITE_MAX)
			return;
		memcpy(site + at, more, length + 1);
		at += length;
	}
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void describe_place(const struct stack *stack, struct place *place)
{
	const struct told_stack told = {stack->frames, stack->count, stack->complete, stack->truncated};
	struct location found = told_location(&told);
	struct frame first = stack->frames[0];
	first.inlined = false; /* a place is named by what stands in the source */
	say_frame(&first, place->name, sizeof place->name);
	copy(place->file, sizeof place->file, found.file);
	copy(place->function, sizeof place->function, found.function);
	copy(place->object, sizeof place->object, found.object);
	copy(place->build_id, sizeof place->build_id, found.build_id);
	place->line = found.line;
	place->offset = found.offset;
	for (size_t i = 1, at = 0; i < stack->count && i <= CALLERS && at < sizeof place->callers; i++) {
		const char *name = stack->frames[i].function;
		if (told_is_system(&stack->frames[i]))
			break;
		at += (size_t)snprintf(place->callers + at, sizeof place->callers - at, "%s%s",
				       i > 1 ? " < " : "", name ? name : "?");
	}
}

void identity_find(const struct stack *stack, struct identity *ret_identity)
{
	ret_identity->stack = stack_identity(stack);
	ret_identity->place.stack = ret_identity->stack;
	if (stack->count)
		describe_site(stack, ret_identity->site);
}

void identity_describe(const struct stack *stack, struct identity *ret_identity)
{
	if (stack->count)
		describe_place(stack, &ret_identity->place);
}
