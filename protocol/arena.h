// SPDX-License-Identifier: MIT
// protocol: the append-only store of strings, modules and stacks that records refer to.
#ifndef SHMCHECK_PROTOCOL_ARENA_H
#define SHMCHECK_PROTOCOL_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* A ref is the entry's offset in the arena in units of 8 bytes; 0 is "none". Entries never move and never
 * change once a ref to them was handed out, so equal content has (up to a benign race) equal refs. */
enum arena_kind { ARENA_STRING = 1, ARENA_MODULE, ARENA_STACK };

struct arena_entry {
	uint32_t kind; /* enum arena_kind */
	uint32_t length; /* bytes of data, without padding; a string's includes no NUL */
	uint64_t hash;
	unsigned char data[];
};

enum { ARENA_SLOTS = 8192 }; /* of the hash index; a power of two */

/* Sits at the start of the arena's region in the session; the entries follow. */
struct arena {
	uint64_t size; /* atomic: bytes of the region that have memory, this header included; may grow */
	uint64_t used; /* atomic: next free byte; may run past size when full */
	uint64_t lost; /* atomic: entries that found no room */
	uint32_t slots[ARENA_SLOTS]; /* atomic refs, open addressing */
};

/* A loaded object, as the shim saw it. */
struct module_entry {
	uint64_t base; /* link_map's l_addr: the load bias */
	uint64_t start; /* the mapping that holds its code */
	uint64_t end;
	uint32_t build_id_length; /* 0 when it has none */
	uint8_t build_id[32];
	uint32_t path_length;
	char path[]; /* not NUL-terminated; "" is the main program where the name is unknown */
};

enum {
	STACK_REGISTERS = 17,
	STACK_BYTES_MAX = 16384, /* of one copy */
	STACK_WORDS_MAX = STACK_BYTES_MAX / 8,
	STACK_SLOTS_MAX = 2 * STACK_WORDS_MAX /* of both copies */
};
enum stack_flag {
	STACK_TRUNCATED = 1 << 0, /* the copy ended before the stack did */
	STACK_SIGNAL = 1 << 1, /* taken on an alternate or unknown stack */
};

/* A call stack in the rough: registers by DWARF number (x86-64 psABI 3.36; 16 is the return
 * address column = pc) and those words above sp that look like code or like a stack address. The
 * others are left out: they read as zero. After the header come, in this order, `words` times
 * uint64_t value, `modules` times uint32_t arena ref, `words` times uint16_t slot, ascending (slot i is the word at
 * sp + 8 i). In a signal handler that runs on an alternate stack there is a second copy, of the stack that was
 * interrupted: its slots go on behind those of the first. */
struct stack_entry {
	uint64_t registers[STACK_REGISTERS];
	uint64_t interrupted; /* where the second copy starts */
	uint32_t valid; /* bit r: register r was captured */
	uint16_t words;
	uint16_t modules;
	uint32_t bytes; /* how far above sp was looked */
	uint32_t flags; /* enum stack_flag */
	uint32_t interrupted_bytes; /* 0: there is no second copy */
	uint32_t unused; /* 0 */
	unsigned char rest[];
};

/* The three parts of what follows ENTRY's header. */
static inline const uint64_t *stack_values(const struct stack_entry *entry)
{
	return (const uint64_t *)entry->rest;
}

static inline const uint32_t *stack_module_refs(const struct stack_entry *entry)
{
	return (const uint32_t *)(stack_values(entry) + entry->words);
}

static inline const uint16_t *stack_slots(const struct stack_entry *entry)
{
	return (const uint16_t *)(stack_module_refs(entry) + entry->modules);
}

/* Formats SIZE bytes at ARENA (SIZE a multiple of 8, more than sizeof *arena; zeroed by the caller). */
void arena_init(struct arena *arena, uint64_t size);

/* Finds or adds an entry of KIND with LENGTH bytes of DATA. Async-signal-safe, lock-free. Returns its
 * ref, or 0 when there is no room (counted in lost). */
uint32_t arena_intern(struct arena *arena, enum arena_kind kind, const void *data, uint32_t length);

/* The same, for one who tries again: nothing is counted. */
uint32_t arena_try_intern(struct arena *arena, enum arena_kind kind, const void *data, uint32_t length);

/* Whether an entry with LENGTH bytes of data finds room as it is now. */
int arena_has_room(const struct arena *arena, uint32_t length);

/* The entry behind REF when it lies wholly inside SIZE bytes (the reader's own knowledge, not the
 * header's) and is of KIND; else NULL. Trusts nothing in the arena. */
const struct arena_entry *arena_get(const struct arena *arena, uint64_t size, uint32_t ref,
				    enum arena_kind kind);

/* The same for a stack and for a module: NULL, too, when its own numbers lead beyond its end or cannot be. */
const struct stack_entry *arena_stack(const struct arena *arena, uint64_t size, uint32_t ref);
const struct module_entry *arena_module(const struct arena *arena, uint64_t size, uint32_t ref);

#endif
