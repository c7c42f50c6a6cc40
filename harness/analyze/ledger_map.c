// SPDX-License-Identifier: MIT
// analysis: linear probing at a load of at most one half, with backward shift on removal (no tombstones).
#include "ledger_map.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_SLOTS = 64 };

static struct ledger_map_slot *slot_of(const struct ledger_map *map, uint64_t key)
{
	size_t i = ledger_map_hash(key) & map->mask;

	while (map->slots[i].value && map->slots[i].key != key)
		i = (i + 1) & map->mask;
	return &map->slots[i];
}

static int grow(struct ledger_map *map)
{
	size_t slots = map->slots ? (map->mask + 1) * 2 : FIRST_SLOTS;
	struct ledger_map larger = {calloc(slots, sizeof(*larger.slots)), slots - 1, map->count};

	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; map->slots && i <= map->mask; i++)
		if (map->slots[i].value)
			*slot_of(&larger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = larger;
	return 0;
}

int ledger_map_set(struct ledger_map *map, uint64_t key, void *value)
{
	struct ledger_map_slot *slot;

	if (!map->slots || map->count * 2 > map->mask) {
		int r = grow(map);

		if (r < 0)
			return r;
	}
	slot = slot_of(map, key);
	if (!slot->value)
		map->count++;
	slot->key = key;
	slot->value = value;
	return 0;
}

void ledger_map_remove(struct ledger_map *map, uint64_t key)
{
	size_t hole, i;

	if (map->count == 0)
		return;
	hole = (size_t)(slot_of(map, key) - map->slots);
	if (!map->slots[hole].value)
		return;
	map->count--;
	for (i = (hole + 1) & map->mask; map->slots[i].value; i = (i + 1) & map->mask) {
		size_t home = ledger_map_hash(map->slots[i].key) & map->mask;

		/* an entry may move back to the hole unless its home lies behind the hole */
		if (((i - home) & map->mask) < ((i - hole) & map->mask))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole].value = NULL;
}

void ledger_map_free(struct ledger_map *map)
{
	free(map->slots);
	*map = (struct ledger_map){0};
}
