// SPDX-License-Identifier: MIT
// explore: identities of stacks, for many runs of the same program: each stack is unwound once.
#include "identities.h"

#include "harness/analyze/stack.h"
#include "harness/explore/identity.h"
#include "harness/explore/places.h"

#include <stdlib.h>
#include <string.h>

enum { REGISTER_SP = 7, MODULES_MAX = 64, KNOWN_FIRST = 256, REFS = 256 };

/* A copy without its addresses, and what the walk gave. */
struct known {
	uint64_t key; /* 0: free */
	struct identity *identity;
};

/* Refs of the run under way: a stack is asked for once a call. */
struct seen {
	uint32_t ref;
	struct identity *identity;
};

struct identities {
	const struct arena *arena;
	uint64_t size;
	const struct places *places; /* what is described already */
	struct stacks *bare; /* NULL: nothing had to be unwound yet */
	struct stacks *named; /* likewise, for what had to be described */
	struct known *known; /* owned; open addressing */
	size_t count, room;
	struct seen seen[REFS];
};

struct identities *identities_new(const struct places *places)
{
	struct identities *identities = calloc(1, sizeof *identities);
	if (identities)
		identities->places = places;
	return identities;
}

void identities_begin(struct identities *identities, const struct arena *arena, uint64_t size)
{
	if (identities->bare)
		stacks_renew(identities->bare, arena, size);
	if (identities->named)
		stacks_renew(identities->named, arena, size);
	identities->arena = arena;
	identities->size = size;
	memset(identities->seen, 0, sizeof identities->seen);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static uint64_t mix_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *next = bytes;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ next[i]) * 1099511628211u; /* FNV-1a */
	return hash;
}

/* A module where this run has it, and what it is. */
struct placed {
	uint64_t base, start, end, what;
};

struct copy {
	const struct stack_entry *entry;
	struct placed modules[MODULES_MAX];
	unsigned module_count;
};

static bool place(const struct identities *identities, uint32_t ref, struct placed *ret_placed)
{
	const struct module_entry *module = arena_module(identities->arena, identities->size, ref);
	if (!module)
		return false;
	uint64_t what = mix_bytes(14695981039346656037u, module->path, module->path_length);
	what = mix_bytes(what, module->build_id, module->build_id_length);
	*ret_placed = (struct placed){module->base, module->start, module->end, what};
	return true;
}

/* Nothing in the arena is trusted. */
static bool open_copy(const struct identities *identities, uint32_t ref, struct copy *copy)
{
	const struct stack_entry *entry = arena_stack(identities->arena, identities->size, ref);
	if (!entry || entry->modules > MODULES_MAX)
		return false;
	copy->entry = entry;
	copy->module_count = entry->modules;
	for (unsigned i = 0; i < entry->modules; i++)
		if (!place(identities, stack_module_refs(entry)[i], &copy->modules[i]))
			return false;
	return true;
}

/* What the walk can see of VALUE: a distance in the stack, or a place in a module; anything else is no address to it. */
static uint64_t relative(const struct copy *copy, uint64_t value)
{
	uint64_t distance = value - copy->entry->registers[REGISTER_SP];
	uint64_t further = value - copy->entry->interrupted;
	if (distance < copy->entry->bytes)
		return mix(1, distance);
	if (further < copy->entry->interrupted_bytes)
		return mix(2, further);
	for (unsigned i = 0; i < copy->module_count; i++)
		if (value >= copy->modules[i].start && value <= copy->modules[i].end)
			return mix(copy->modules[i].what, value - copy->modules[i].base);
	return 0;
}

static uint64_t key_of(const struct copy *copy)
{
	const struct stack_entry *entry = copy->entry;
	const uint64_t *values = stack_values(entry);
	const uint16_t *slots = stack_slots(entry);
	uint64_t key = mix(mix(mix(entry->valid, entry->bytes), entry->flags), entry->interrupted_bytes);
	for (unsigned i = 0; i < STACK_REGISTERS; i++)
		if (entry->valid >> i & 1)
			key = mix(mix(key, i), relative(copy, entry->registers[i]));
	for (unsigned i = 0; i < entry->words; i++)
		key = mix(mix(key, slots[i]), relative(copy, values[i]));
	return key ? key : 1;
}

static struct identity *unwind(struct identities *identities, uint32_t ref)
{
	if (!identities->bare)
		identities->bare = stacks_new(identities->arena, identities->size, STACK_NAMES_NONE);
	const struct stack *stack = identities->bare ? stacks_get(identities->bare, ref) : NULL;
	struct identity *identity = stack ? calloc(1, sizeof *identity) : NULL;
	if (!identity)
		return NULL;
	identity_find(stack, identity);
	identity->is_told = identities->places && places_find(identities->places, identity->stack);
	if (identity->is_told)
		return identity;
	if (!identities->named)
		identities->named = stacks_new(identities->arena, identities->size, STACK_NAMES_CALLERS);
	stack = identities->named ? stacks_get(identities->named, ref) : NULL;
	if (stack)
		identity_describe(stack, identity);
	return identity;
}

static struct known *slot_of(const struct identities *identities, uint64_t key)
{
	for (size_t i = key;; i++) {
		struct known *known = &identities->known[i & (identities->room - 1)];
		if (known->key == 0 || known->key == key)
			return known;
	}
}

static bool make_room(struct identities *identities)
{
	if (identities->room && identities->count < identities->room / 2)
		return true;
	struct identities grown = *identities;
	grown.room = identities->room ? 2 * identities->room : KNOWN_FIRST;
	grown.known = calloc(grown.room, sizeof *grown.known);
	if (!grown.known)
		return false;
	for (size_t i = 0; i < identities->room; i++)
		if (identities->known[i].key)
			*slot_of(&grown, identities->known[i].key) = identities->known[i];
	free(identities->known);
	identities->known = grown.known;
	identities->room = grown.room;
	return true;
}

static struct identity *look_up(struct identities *identities, uint32_t ref)
{
	struct copy copy;
	if (!open_copy(identities, ref, &copy) || !make_room(identities))
		return NULL; /* damaged, and no stack to the unwinder either; or no memory */
	uint64_t key = key_of(&copy);
	struct known *known = slot_of(identities, key);
	if (known->key)
		return known->identity;
	known->identity = unwind(identities, ref);
	known->key = known->identity ? key : 0;
	identities->count += known->key != 0;
	return known->identity;
}

struct identity *identities_get(struct identities *identities, uint32_t ref)
{
	struct seen *seen = &identities->seen[ref % REFS];
	if (!ref)
		return NULL;
	if (seen->ref != ref)
		*seen = (struct seen){ref, look_up(identities, ref)};
	return seen->identity;
}

uint64_t identities_stack(struct identities *identities, uint32_t ref)
{
	const struct identity *identity = identities_get(identities, ref);
	return identity ? identity->stack : 0;
}
