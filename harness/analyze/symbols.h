// SPDX-License-Identifier: MIT
// analysis: names for places in code: function, file, line and what was inlined there.
#ifndef SHMCHECK_HARNESS_ANALYZE_SYMBOLS_H
#define SHMCHECK_HARNESS_ANALYZE_SYMBOLS_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>

/* Names stay valid as long as the symbols do. NULL and 0 where nothing is known. */
struct place {
	const char *function; /* demangled where the C++ runtime is installed */
	const char *file;
	int line;
	bool inlined; /* into the next one */
};

enum { PLACES_MAX = 32 };

struct symbols;

/* The sorted table of MODULE's functions; NULL when memory is short. */
struct symbols *symbols_new(Dwfl_Module *module);

/* What is at ADDRESS (in the Dwfl's own space): the innermost inlined function first, the real one last. Returns how
 * many, at least 1. */
size_t symbols_places(struct symbols *symbols, Dwarf_Addr address, struct place places[PLACES_MAX]);

void symbols_free(struct symbols *symbols);

#endif
