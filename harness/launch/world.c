// SPDX-License-Identifier: MIT
// launch: the harness's side of world= faults: what they may touch, and what they leave behind.
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>

int world_check(const struct plan *plan, const struct evidence *evidence, char why[512])
{
	uint32_t rule = plan ? plan_needs_namespace(plan) : 0;
	const struct plan_world_row *row;

	if (!rule || evidence->isolation == ISOLATION_PRIVATE)
		return 0;
	row = plan_world_row(plan->rules[rule - 1].world);
	snprintf(why, 512, "rule %u: world=%s needs %s, and there is none here: %.300s", rule, row->name,
		 row->needs, evidence->isolation_why ? evidence->isolation_why : "see --isolate");
	return -EPERM;
}

void world_begin(struct plan *plan, const struct evidence *evidence)
{
	plan->is_private = evidence->isolation == ISOLATION_PRIVATE;
}

static void forget(struct kernel_table *table, int shmid, int32_t key)
{
	for (size_t i = 0; i < table->count; i++) {
		struct kernel_segment *segment = &table->segments[i];

		if (segment->shmid != shmid || (segment->key != key && segment->key != 0))
			continue;
		memmove(segment, segment + 1, (table->count - i - 1) * sizeof(*segment));
		table->count--;
		return;
	}
}

static bool is_made_by(int shmid, pid_t pid)
{
	struct shmid_ds state;

	return shmctl(shmid, IPC_STAT, &state) == 0 && state.shm_cpid == pid;
}

/* The program can write the list: only what still has the planted key is removed, and only in our own namespace. */
static void remove_planted(const struct plan *plan, struct evidence *evidence)
{
	for (unsigned i = 0; i < PLAN_PLANTED; i++) {
		struct plan_planted planted = plan->planted[i];
		struct shmid_ds state;

		if (planted.state == 1) /* killed while it made it: it may be there */
			planted.shmid = shmget(planted.key, 0, 0);
		if (planted.state == 0 || planted.shmid < 0)
			continue;
		if (planted.state == 1 && !is_made_by(planted.shmid, planted.pid))
			continue;
		if (shmctl(planted.shmid, IPC_STAT, &state) == 0 && state.shm_perm.__key == planted.key)
			shmctl(planted.shmid, IPC_RMID, NULL);
		forget(&evidence->after, planted.shmid, planted.key);
	}
}

void world_forget(const struct plan *plan, struct evidence *evidence)
{
	for (unsigned i = 0; i < PLAN_PLANTED; i++)
		if (plan->planted[i].state == 2)
			forget(&evidence->after, plan->planted[i].shmid, plan->planted[i].key);
}

int world_end(const struct plan *plan, const struct plan *original, uint64_t size, struct evidence *evidence)
{
	struct plan *copy = aligned_alloc(64, (size + 63) & ~UINT64_C(63));

	if (!copy)
		return -ENOMEM;
	if (evidence->isolation == ISOLATION_PRIVATE)
		remove_planted(plan, evidence);
	memcpy(copy, original, size);
	memcpy(copy->counters, plan->counters, sizeof(copy->counters));
	copy->overflow = plan->overflow;
	copy->world_failed = plan->world_failed;
	copy->window = plan->window;
	evidence->plan = copy;
	return 0;
}
