// SPDX-License-Identifier: MIT
// report: libxml2, loaded when a report needs it.
#include "xml.h"

#include <dlfcn.h>
#include <stdbool.h>

const struct xml *xml_load(const char **ret_why)
{
	static struct xml xml;
	static bool is_loaded;
	if (is_loaded)
		return &xml;
	/* never closed: its functions are used until the end */
	void *library = dlopen(XML_SONAME, RTLD_NOW | RTLD_LOCAL);
	is_loaded = library != NULL;
#define XML_FIND(name)                                                                                       \
	if (is_loaded)                                                                                       \
		is_loaded = (xml.name = (__typeof__(&(name)))dlsym(library, #name)) != NULL;
	XML_FUNCTIONS(XML_FIND)
#undef XML_FIND
	if (!is_loaded)
		*ret_why = dlerror();
	return is_loaded ? &xml : NULL;
}
