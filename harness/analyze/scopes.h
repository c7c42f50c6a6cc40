// SPDX-License-Identifier: MIT
// analysis: which functions were inlined where: the scopes of compilation units, read once each.
#ifndef SHMCHECK_HARNESS_ANALYZE_SCOPES_H
#define SHMCHECK_HARNESS_ANALYZE_SCOPES_H

#include "symbols.h"

#include <elfutils/libdw.h>

struct scopes;

/* No units yet; NULL: no memory. */
struct scopes *scopes_new(void);

/* What is at ADDRESS (of the debugging information) in the unit CU, whose line there is known from the line table:
 * the functions that were inlined there, innermost first, and the real one last. Names are as compiled. Returns how
 * many; 0: the unit does not tell. */
size_t scopes_places(struct scopes *scopes, Dwarf_Die *cu, Dwarf_Addr address, const char *file, int line,
		     struct place places[PLACES_MAX]);

void scopes_free(struct scopes *scopes);

#endif
