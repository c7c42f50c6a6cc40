// SPDX-License-Identifier: MIT
// shim: in=: who made the call.
#include "shim/inject.h"
#include "shim/inject_site.h"
#include "shim/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

enum { ANSWERS = 128 };

/* Weak: with an older glibc nobody is inside anything, and the rule is reported as never hit. */
extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

/* Answers about functions, as looking through a symbol table is slow: hash << 1 | answer. Atomic words; a stale one is
 * possible only where an object was unloaded and another one's code now stands at the same address. */
static uint64_t answers[ANSWERS];

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The dynamic linker does not know what the program itself is called. */
bool inject_is_module(const char *pattern, const char *path)
{
	if (!path[0])
		path = module_program_path();
	if (!strchr(pattern, '/'))
		path = base_name(path);
	return plan_glob(pattern, path, strlen(path));
}

struct symbols {
	const ElfW(Sym) * table;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
};

static void read_dynamic(const struct link_map *map, struct symbols *symbols)
{
	for (const ElfW(Dyn) *entry = map->l_ld; entry && entry->d_tag != DT_NULL; entry++) {
		/* glibc has relocated them, but for read-only sections such as the vDSO's. */
		uintptr_t at =
		    entry->d_un.d_ptr < map->l_addr ? entry->d_un.d_ptr + map->l_addr : entry->d_un.d_ptr;

		if (entry->d_tag == DT_SYMTAB)
			symbols->table = (const ElfW(Sym) *)at;
		else if (entry->d_tag == DT_STRTAB)
			symbols->strings = (const char *)at;
		else if (entry->d_tag == DT_GNU_HASH)
			symbols->gnu_hash = (const uint32_t *)at;
		else if (entry->d_tag == DT_HASH)
			symbols->hash = (const uint32_t *)at;
	}
}

/* The table's length stands nowhere but in its hash: the GNU one ends with the chain of the highest bucket. */
static uint32_t symbol_count(const struct symbols *symbols)
{
	const uint32_t *table = symbols->gnu_hash, *buckets, *chains;
	uint32_t last = 0;

	if (symbols->hash)
		return symbols->hash[1];
	if (!table)
		return 0;
	buckets = table + 4 + table[2] * (sizeof(ElfW(Addr)) / 4);
	chains = buckets + table[0];
	for (uint32_t i = 0; i < table[0]; i++)
		last = buckets[i] > last ? buckets[i] : last;
	if (last < table[1])
		return 0;
	while (!(chains[last - table[1]] & 1))
		last++;
	return last + 1;
}

static bool is_function(const char *pattern, const struct link_map *map, uintptr_t caller)
{
	struct symbols symbols = {0};
	uint32_t count;

	read_dynamic(map, &symbols);
	if (!symbols.table || !symbols.strings)
		return false;
	count = symbol_count(&symbols);
	for (uint32_t i = 1; i < count; i++) {
		const ElfW(Sym) *symbol = &symbols.table[i];
		const char *name = symbols.strings + symbol->st_name;

		/* The return address may be the first byte behind the function. */
		if (symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
		    caller - 1 - map->l_addr - symbol->st_value < symbol->st_size &&
		    plan_glob(pattern, name, strlen(name)))
			return true;
	}
	return false;
}

bool inject_is_inside(const char *pattern, const struct plan_call *call)
{
	uintptr_t caller = call->caller;
	struct dl_find_object found;
	uint64_t question, *slot, known;
	bool answer;

	if (!_dl_find_object || _dl_find_object((void *)caller, &found) != 0)
		return false;
	if (site_is_one(pattern))
		return site_is_at(pattern, call, found.dlfo_link_map->l_name, found.dlfo_link_map->l_addr);
	if (inject_is_module(pattern, found.dlfo_link_map->l_name))
		return true;
	question = ((uint64_t)caller ^ (uint64_t)(uintptr_t)pattern << 20) * UINT64_C(0x9e3779b97f4a7c15);
	slot = &answers[question >> 57];
	known = __atomic_load_n(slot, __ATOMIC_RELAXED);
	if (known && known >> 1 == question >> 1)
		return known & 1;
	answer = is_function(pattern, found.dlfo_link_map, caller);
	__atomic_store_n(slot, (question & ~UINT64_C(1)) | answer, __ATOMIC_RELAXED);
	return answer;
}
