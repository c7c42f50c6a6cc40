// SPDX-License-Identifier: MIT
// shim: where segments are attached, roughly: enough to tell which unmappings matter.
#ifndef SHMCHECK_SHIM_RANGES_H
#define SHMCHECK_SHIM_RANGES_H

#include <stdbool.h>
#include <stdint.h>

/* The bounding interval of all attachments of this address space; empty when low >= high. */
extern uint64_t ranges_low, ranges_high;

static inline bool ranges_meet(uint64_t address, uint64_t length)
{
	return address < __atomic_load_n(&ranges_high, __ATOMIC_RELAXED) &&
	       address + length > __atomic_load_n(&ranges_low, __ATOMIC_RELAXED);
}

/* SIZE bytes are attached at ADDRESS from now on. Lock-free; only ever grows. */
void ranges_add(uint64_t address, uint64_t size);

/* Remembers that segment SHMID has SIZE bytes. */
void ranges_learn(int shmid, uint64_t size);

/* The size of segment SHMID: as learnt, or asked of the kernel; 0 when it does not tell us. */
uint64_t ranges_size(int shmid);

#endif
