// SPDX-License-Identifier: MIT
// shim: where segments are attached, roughly: enough to tell which unmappings matter.
#include "shim/ranges.h"

#include "shim/raw_syscall.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>

enum { LEARNT = 64 };

/* Atomic words. */
uint64_t ranges_low = UINT64_MAX, ranges_high;

/* A shmid + 1 in the upper half, bytes in the lower: one word, so that no reader sees a mixture. */
static uint64_t learnt[LEARNT];

void ranges_add(uint64_t address, uint64_t size)
{
	uint64_t low = __atomic_load_n(&ranges_low, __ATOMIC_RELAXED);
	while (address < low && !__atomic_compare_exchange_n(&ranges_low, &low, address, true,
							     __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		continue;
	uint64_t end = address + (size ? size : 1), high = __atomic_load_n(&ranges_high, __ATOMIC_RELAXED);
	while (end > high && !__atomic_compare_exchange_n(&ranges_high, &high, end, true, __ATOMIC_RELAXED,
							  __ATOMIC_RELAXED))
		continue;
}

/* A size that does not fit is asked for again each time. */
void ranges_learn(int shmid, uint64_t size)
{
	bool fits = size <= UINT32_MAX;
	uint64_t word = fits ? (uint64_t)((uint32_t)shmid + 1) << 32 | size : 0;
	__atomic_store_n(&learnt[(uint32_t)shmid % LEARNT], word, __ATOMIC_RELAXED);
}

uint64_t ranges_size(int shmid)
{
	uint64_t word = __atomic_load_n(&learnt[(uint32_t)shmid % LEARNT], __ATOMIC_RELAXED);
	if (word >> 32 == (uint64_t)(uint32_t)shmid + 1)
		return word & UINT32_MAX;
	struct shmid_ds status = {0};
	if (raw_syscall(SYS_shmctl, shmid, IPC_STAT, (long)&status, 0, 0, 0))
		return 0;
	ranges_learn(shmid, status.shm_segsz);
	return status.shm_segsz;
}
