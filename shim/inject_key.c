// SPDX-License-Identifier: MIT
// shim: the keys that ftok has handed out, for world=collide.
#include "shim/inject_key.h"

/* FNV-1a. */
static uint64_t hash(const char *path)
{
	uint64_t value = UINT64_C(0xcbf29ce484222325);

	for (; *path; path++)
		value = (value ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
	return value;
}

void key_remember(struct plan *plan, const char *path, int32_t key)
{
	uint64_t wanted = hash(path);

	for (unsigned i = 0; i < PLAN_KEYS; i++) {
		struct plan_known_key *known = &plan->keys[i];
		uint32_t state = __atomic_load_n(&known->state, __ATOMIC_ACQUIRE);

		if (state == ENTRY_THERE && known->path_hash == wanted && known->key == key)
			return;
		if (state != ENTRY_FREE ||
		    !__atomic_compare_exchange_n(&known->state, &state, ENTRY_MAKING, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_RELAXED))
			continue;
		known->key = key;
		known->path_hash = wanted;
		__atomic_store_n(&known->state, ENTRY_THERE, __ATOMIC_RELEASE);
		return;
	}
}

bool key_other(const struct plan *plan, const char *path, int32_t *ret_key)
{
	uint64_t mine = hash(path);

	for (unsigned i = PLAN_KEYS; i-- > 0;) {
		const struct plan_known_key *known = &plan->keys[i];

		if (__atomic_load_n(&known->state, __ATOMIC_ACQUIRE) != ENTRY_THERE ||
		    known->path_hash == mine)
			continue;
		*ret_key = known->key;
		return true;
	}
	return false;
}
