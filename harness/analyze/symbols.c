// SPDX-License-Identifier: MIT
// analysis: names for places in code: from the debugging information, else from the symbol tables.
#include "symbols.h"

#include "scopes.h"

#include <dlfcn.h>
#include <elfutils/libdw.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* A function of the symbol table: of two at one place the global one. */
struct function {
	GElf_Addr start, end;
	const char *name;
	bool is_global;
};

struct name {
	const char *mangled;
	char *plain;
};

struct symbols {
	Dwfl_Module *module;
	struct function *functions; /* by start */
	size_t count;
	struct scopes *scopes;
	void *names; /* tree of struct name */
};

static int compare_functions(const void *a, const void *b)
{
	const struct function *left = a, *right = b;
	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	return left->is_global - right->is_global;
}

/* Only symbols that say how long they are: what lies behind another one may be anything. */
static void read_table(struct symbols *symbols)
{
	int count = dwfl_module_getsymtab(symbols->module);
	symbols->functions = count > 0 ? malloc((size_t)count * sizeof *symbols->functions) : NULL;
	for (int i = 1; symbols->functions && i < count; i++) {
		GElf_Sym symbol;
		GElf_Addr address;
		const char *name =
		    dwfl_module_getsym_info(symbols->module, i, &symbol, &address, NULL, NULL, NULL);
		int type = GELF_ST_TYPE(symbol.st_info);
		if (!name || !name[0] || symbol.st_shndx == SHN_UNDEF || symbol.st_size == 0 ||
		    (type != STT_FUNC && type != STT_GNU_IFUNC))
			continue;
		symbols->functions[symbols->count++] = (struct function){
		    address, address + symbol.st_size, name, GELF_ST_BIND(symbol.st_info) != STB_LOCAL};
	}
	if (symbols->count)
		qsort(symbols->functions, symbols->count, sizeof *symbols->functions, compare_functions);
}

struct symbols *symbols_new(Dwfl_Module *module)
{
	struct symbols *symbols = calloc(1, sizeof *symbols);
	if (!symbols || !(symbols->scopes = scopes_new())) {
		free(symbols);
		return NULL;
	}
	symbols->module = module;
	read_table(symbols);
	return symbols;
}

static void name_free(void *data)
{
	struct name *name = data;
	free(name->plain);
	free(name);
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	tdestroy(symbols->names, name_free);
	scopes_free(symbols->scopes);
	free(symbols->functions);
	free(symbols);
}

/* The last function that starts at or before ADDRESS; one that starts earlier and is longer is not looked for. */
static const char *function_at(const struct symbols *symbols, GElf_Addr address)
{
	size_t low = 0, high = symbols->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (symbols->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low && address < symbols->functions[low - 1].end ? symbols->functions[low - 1].name : NULL;
}

/* The C++ runtime's own function, where there is one: only C++ programs need it, and they have it. */
static char *demangle(const char *mangled)
{
	static char *(*cxa_demangle)(const char *, char *, size_t *, int *);
	static bool has_looked;
	int status;
	if (!has_looked) {
		void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_LOCAL);
		if (library)
			*(void **)&cxa_demangle = dlsym(library, "__cxa_demangle");
		has_looked = true;
	}
	return cxa_demangle ? cxa_demangle(mangled, NULL, NULL, &status) : NULL;
}

static int compare_names(const void *a, const void *b)
{
	const struct name *left = a, *right = b;
	return strcmp(left->mangled, right->mangled);
}

static const char *plain_name(struct symbols *symbols, const char *mangled)
{
	struct name *name, **found, wanted = {.mangled = mangled};
	size_t length = mangled ? strcspn(mangled, "@") : 0; /* a version follows: name@GLIBC_2.2.5 */
	bool is_cpp = mangled && strncmp(mangled, "_Z", 2) == 0;
	if (!mangled || (!is_cpp && !mangled[length]))
		return mangled;
	found = tfind(&wanted, &symbols->names, compare_names);
	if (found)
		return (*found)->plain;
	name = malloc(sizeof *name);
	if (!name)
		return mangled;
	*name = (struct name){mangled, is_cpp ? demangle(mangled) : strndup(mangled, length)};
	if (!name->plain || !tsearch(name, &symbols->names, compare_names)) {
		name_free(name);
		return mangled;
	}
	return name->plain;
}

size_t symbols_places(struct symbols *symbols, Dwarf_Addr address, struct place places[PLACES_MAX])
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *cu = dwfl_module_addrdie(symbols->module, address, &bias);
	if (cu && dwarf_haspc(cu, address - bias) != 1)
		cu = NULL; /* libdw takes the nearest unit before it */
	Dwfl_Line *line = cu ? dwfl_module_getsrc(symbols->module, address) : NULL;
	const char *function = function_at(symbols, address), *file = NULL;
	int number = 0;
	if (line)
		file = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	size_t count = cu ? scopes_places(symbols->scopes, cu, address - bias, file, number, places) : 0;
	if (count == 0) {
		count = 1;
		places[0] = (struct place){NULL, file, number, false};
	}
	if (function) /* as the linker knows it: versioned, cloned, or an alias */
		places[count - 1].function = function;
	for (size_t i = 0; i < count; i++)
		places[i].function = plain_name(symbols, places[i].function);
	return count;
}
