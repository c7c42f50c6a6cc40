// SPDX-License-Identifier: MIT
// analysis: names for places in code.
#include "symbols.h"

#include <stdlib.h>

struct symbols {
	Dwfl_Module *module;
};

struct symbols *symbols_new(Dwfl_Module *module)
{
	struct symbols *symbols = malloc(sizeof *symbols);
	if (symbols)
		symbols->module = module;
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	free(symbols);
}

size_t symbols_places(struct symbols *symbols, Dwarf_Addr address, struct place places[PLACES_MAX])
{
	Dwfl_Line *line = dwfl_module_getsrc(symbols->module, address);
	places[0] = (struct place){.function = dwfl_module_addrname(symbols->module, address)};
	if (line)
		places[0].file = dwfl_lineinfo(line, NULL, &places[0].line, NULL, NULL, NULL);
	return 1;
}
