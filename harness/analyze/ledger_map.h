// SPDX-License-Identifier: MIT
// analysis: a hash map from 64-bit keys to pointers; no allocation while it does not grow.
#ifndef SHMCHECK_HARNESS_ANALYZE_LEDGER_MAP_H
#define SHMCHECK_HARNESS_ANALYZE_LEDGER_MAP_H

#include <stddef.h>
#include <stdint.h>

struct ledger_map_slot {
	uint64_t key;
	void *value; /* NULL: free */
};

/* All zero is an empty map. */
struct ledger_map {
	struct ledger_map_slot *slots; /* owned; a power of two of them */
	size_t mask, count;
};

static inline uint64_t ledger_map_hash(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15;
	return key ^ (key >> 29);
}

/* The value under KEY, or NULL. */
static inline void *ledger_map_get(const struct ledger_map *map, uint64_t key)
{
	if (map->count == 0)
		return NULL;
	for (size_t i = ledger_map_hash(key) & map->mask; map->slots[i].value; i = (i + 1) & map->mask)
		if (map->slots[i].key == key)
			return map->slots[i].value;
	return NULL;
}

/* Puts VALUE (not NULL) under KEY, over an older one. Returns 0 or -ENOMEM. */
int ledger_map_set(struct ledger_map *map, uint64_t key, void *value);

void ledger_map_remove(struct ledger_map *map, uint64_t key);

void ledger_map_free(struct ledger_map *map);

#endif
