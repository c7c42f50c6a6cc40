// SPDX-License-Identifier: MIT
// shim: the dynamic linker's functions that ours stand in front of, but for dlopen, which must be a jump.
#include "shim/real.h"
#include "shim/shim.h"
#include "shim/stack.h"

#include <string.h>

extern __typeof__(_dl_find_object) _dl_find_object __attribute__((weak));

EXPORT int dlclose(void *handle)
{
	int result = shim_real.dlclose ? shim_real.dlclose(handle) : -1;
	if (shim_session)
		stack_modules_changed();
	return result;
}

/* The object that ADDRESS lies in; NULL when that cannot be told. */
static const struct link_map *find_object(const void *address)
{
	struct dl_find_object found;
	if (!_dl_find_object || _dl_find_object((void *)(uintptr_t)address, &found))
		return NULL;
	return found.dlfo_link_map;
}

static bool is_address_sanitizer(const struct link_map *map)
{
	const char *slash = map && map->l_name ? strrchr(map->l_name, '/') : NULL;
	return slash &&
	       (strncmp(slash, "/libasan.so", 11) == 0 || strncmp(slash, "/libclang_rt.asan", 17) == 0);
}

/* Another's callback, which is not to see us. */
struct listing {
	int (*callback)(struct dl_phdr_info *, size_t, void *);
	void *context;
	uintptr_t ours;
};

static int pass_over_us(struct dl_phdr_info *info, size_t size, void *context)
{
	const struct listing *listing = context;
	return info->dlpi_addr == listing->ours ? 0 : listing->callback(info, size, listing->context);
}

/* AddressSanitizer's shared runtime refuses to start when it is not the first library in the list. Put before ours in
 * LD_PRELOAD it would be loaded into every other program of the tree: so it does not see ours instead. */
EXPORT int dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *context)
{
	if (UNLIKELY(!shim_real.dl_iterate_phdr))
		real_find();
	if (LIKELY(!is_address_sanitizer(find_object(__builtin_return_address(0)))))
		return shim_real.dl_iterate_phdr(callback, context);
	const struct link_map *us = find_object(&shim_session);
	struct listing listing = {callback, context, us ? us->l_addr : 0};
	return shim_real.dl_iterate_phdr(pass_over_us, &listing);
}
