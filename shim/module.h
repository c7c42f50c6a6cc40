// SPDX-License-Identifier: MIT
// shim: which loaded object holds an address, and its entry in the arena.
#ifndef SHMCHECK_SHIM_MODULE_H
#define SHMCHECK_SHIM_MODULE_H

#include "protocol/arena.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* A loaded object: its code, and where its whole mapping lies. */
struct module {
	uintptr_t start, end; /* both 0 when its headers could not be read */
	uintptr_t map_start, map_end;
	const struct link_map *map;
	uint32_t ref; /* arena ref of its module_entry; 0: not interned yet */
};

/* Remembers the program's own path, which the dynamic linker does not know. A system call. */
void module_learn_program(void);
const char *module_program_path(void); /* "" before that, or when it is unknown */

enum { MODULE_ROOM = 2176 };

/* Looks up the object that ADDRESS lies in. False when there is none. Lock-free and async-signal-safe; without
 * _dl_find_object (glibc before 2.35) nothing is found. */
bool module_find(uintptr_t address, struct module *ret_module);

/* Interns the entry of a module that was just found in ARENA, the same one until module_learn_program; its ref, or 0
 * without room. ROOM is MODULE_ROOM bytes of scratch, aligned to 8: the stack that we run on may be small. */
uint32_t module_intern(struct arena *arena, const struct module *module, void *room);

#endif
