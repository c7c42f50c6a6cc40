// SPDX-License-Identifier: MIT
// analysis: which functions were inlined where: the scopes of compilation units, read once each.
#include "scopes.h"

#include <dwarf.h>
#include <search.h>
#include <stdlib.h>

enum { DEPTH_MAX = 128 };

/* A function, or a place where one was inlined: one entry for each range of its code. Those inside follow it. */
struct scope {
	Dwarf_Addr low, high; /* up to high - 1 */
	size_t after; /* index of the first scope that is not inside */
	Dwarf_Die die;
};

struct unit {
	Dwarf_Off offset;
	struct scope *list;
	size_t count, room;
};

struct scopes {
	void *units; /* tree of struct unit */
};

struct scopes *scopes_new(void)
{
	return calloc(1, sizeof(struct scopes));
}

static void unit_free(void *data)
{
	struct unit *unit = data;
	free(unit->list);
	free(unit);
}

void scopes_free(struct scopes *scopes)
{
	if (scopes)
		tdestroy(scopes->units, unit_free);
	free(scopes);
}

static int compare_units(const void *a, const void *b)
{
	const struct unit *left = a, *right = b;
	return (left->offset > right->offset) - (left->offset < right->offset);
}

static struct scope *add(struct unit *unit)
{
	if (unit->count == unit->room) {
		size_t room = unit->room ? 2 * unit->room : 64;
		struct scope *more = realloc(unit->list, room * sizeof *more);
		if (!more)
			return NULL;
		unit->list = more;
		unit->room = room;
	}
	return &unit->list[unit->count++];
}

/* Addresses from LOW up to HIGH - 1. */
struct range {
	Dwarf_Addr low, high;
};

static void gather(struct unit *unit, Dwarf_Die *parent, struct range within, int depth);

/* Whatever may hold functions is entered; what they hold stands behind each of their ranges, as far as it lies WITHIN that:
 * all of it behind each would be so many times as much with every level of inlining. */
static void take(struct unit *unit, Dwarf_Die *die, struct range within, int depth)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t next = 0;
	int tag = dwarf_tag(die);
	if (tag == DW_TAG_lexical_block || tag == DW_TAG_namespace || tag == DW_TAG_structure_type ||
	    tag == DW_TAG_class_type)
		gather(unit, die, within, depth);
	if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
		return;
	while ((next = dwarf_ranges(die, next, &base, &low, &high)) > 0) {
		if (low >= within.high || high <= within.low)
			continue;
		struct scope *scope = add(unit);
		size_t index = unit->count - 1;
		if (!scope)
			return;
		*scope = (struct scope){.low = low, .high = high, .die = *die};
		gather(unit, die, (struct range){low, high}, depth);
		unit->list[index].after = unit->count;
	}
}

static void gather(struct unit *unit, Dwarf_Die *parent, struct range within, int depth)
{
	Dwarf_Die child;
	if (depth == DEPTH_MAX || dwarf_child(parent, &child) != 0)
		return;
	do
		take(unit, &child, within, depth + 1);
	while (dwarf_siblingof(&child, &child) == 0);
}

static struct unit *unit_of(struct scopes *scopes, Dwarf_Die *cu)
{
	struct unit *unit = calloc(1, sizeof *unit);
	if (!unit)
		return NULL;
	unit->offset = dwarf_dieoffset(cu);
	struct unit **found = tsearch(unit, &scopes->units, compare_units);
	if (!found || *found != unit) {
		free(unit);
		return found ? *found : NULL;
	}
	gather(unit, cu, (struct range){0, UINT64_MAX}, 0);
	return unit;
}

static const char *name_of(Dwarf_Die *die)
{
	Dwarf_Attribute attribute;
	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute) ||
	    dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attribute) ||
	    dwarf_attr_integrate(die, DW_AT_name, &attribute))
		return dwarf_formstring(&attribute);
	return NULL;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value = 0;
	if (dwarf_attr(die, name, &attribute))
		dwarf_formudata(&attribute, &value);
	return value;
}

/* The scopes that hold ADDRESS, outermost first. */
static size_t find(struct unit *unit, Dwarf_Addr address, Dwarf_Die *found[PLACES_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < unit->count && count < PLACES_MAX;) {
		struct scope *scope = &unit->list[i];
		bool is_inside = address >= scope->low && address < scope->high;
		if (is_inside && count && dwarf_tag(&scope->die) == DW_TAG_subprogram)
			count = 0; /* a nested function is one of its own */
		if (is_inside)
			found[count++] = &scope->die;
		i = is_inside ? i + 1 : scope->after;
	}
	return count;
}

size_t scopes_places(struct scopes *scopes, Dwarf_Die *cu, Dwarf_Addr address, const char *file, int line,
		     struct place places[PLACES_MAX])
{
	struct unit *unit = unit_of(scopes, cu);
	Dwarf_Die *found[PLACES_MAX];
	Dwarf_Files *files = NULL;
	size_t file_count = 0, count = unit ? find(unit, address, found) : 0;
	dwarf_getsrcfiles(cu, &files, &file_count);
	for (size_t i = 0; i < count; i++) {
		Dwarf_Die *die = found[count - 1 - i];
		bool is_inlined = dwarf_tag(die) == DW_TAG_inlined_subroutine && i + 1 < count;
		places[i] = (struct place){name_of(die), file, line, is_inlined};
		if (!is_inlined)
			continue;
		Dwarf_Word caller = number_of(die, DW_AT_call_file);
		file = caller < file_count ? dwarf_filesrc(files, caller, NULL, NULL) : NULL;
		line = (int)number_of(die, DW_AT_call_line);
	}
	return count;
}
