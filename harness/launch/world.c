// SPDX-License-Identifier: MIT
// launch: the harness's side of world= faults: what they may touch, and what they leave behind.
#include "world.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Programs that are there to start another with less. */
static const char *const droppers[] = {"setpriv", "su",   "runuser", "sudo",  "doas",
				       "capsh",   "gosu", "su-exec", "chpst", "setuidgid"};

bool world_denies_nothing(void)
{
	const uint32_t wanted = 1u << CAP_IPC_OWNER | 1u << CAP_SYS_ADMIN;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	/* Without CAP_SYS_ADMIN the namespace is made in a user namespace, and the program has no power over it. */
	return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & wanted) == wanted;
}

static bool is_dropper(const char *program)
{
	const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;

	for (size_t i = 0; i < sizeof(droppers) / sizeof(droppers[0]); i++)
		if (strcmp(name, droppers[i]) == 0)
			return true;
	return false;
}

int world_check_privilege(const struct plan *plan, const char *program, char why[512])
{
	if (!plan || !program || !world_denies_nothing() || is_dropper(program))
		return 0;
	for (uint32_t i = 0; i < plan->rule_count; i++) {
		const struct plan_rule *rule = &plan->rules[i];

		if (rule->world != WORLD_DENIED || (rule->role[0] && strcmp(rule->role, "main") != 0))
			continue;
		snprintf(why, 512,
			 "rule %u: world=denied needs a program without CAP_IPC_OWNER, and as root it has "
			 "that: run it "
			 "as an ordinary user, or by setpriv or su; when it gives that up by itself, say so "
			 "by a ROLE, "
			 "*/ for any",
			 i + 1);
		return -EPERM;
	}
	return 0;
}

int world_check(const struct plan *plan, const struct evidence *evidence, char why[512])
{
	uint32_t rule = plan ? plan_needs_namespace(plan) : 0;
	const struct plan_world_row *row;

	if (!rule || evidence->isolation == ISOLATION_PRIVATE)
		return 0;
	row = plan_world_row(plan->rules[rule - 1].world);
	snprintf(why, 512,
		 "rule %u: world=%s needs an IPC namespace of the run's own, and there is none here: %.300s",
		 rule, row->name, evidence->isolation_why ? evidence->isolation_why : "see --isolate");
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

/* By the kernel's table: it lists what we may not look at, too. */
static bool is_made_by(const struct kernel_table *table, int shmid, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->segments[i].shmid == shmid)
			return (pid_t)table->segments[i].cpid == pid;
	return false;
}

/* The program can write the list: only what still has the planted key is removed, and only in our own namespace. */
static void remove_planted(const struct plan *plan, struct evidence *evidence)
{
	for (unsigned i = 0; i < PLAN_PLANTED; i++) {
		struct plan_planted planted = plan->planted[i];

		if (planted.state == ENTRY_MAKING) /* killed while it made it: it may be there */
			planted.shmid = shmget(planted.key, 0, 0);
		if (planted.state == ENTRY_FREE || planted.shmid < 0)
			continue;
		if (planted.state == ENTRY_MAKING &&
		    !is_made_by(&evidence->after, planted.shmid, planted.pid))
			continue;
		if (shmget(planted.key, 0, 0) == planted.shmid)
			shmctl(planted.shmid, IPC_RMID, NULL);
		forget(&evidence->after, planted.shmid, planted.key);
	}
}

void world_forget(const struct plan *plan, struct evidence *evidence)
{
	for (unsigned i = 0; i < PLAN_PLANTED; i++)
		if (plan->planted[i].state == ENTRY_THERE)
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
	copy->world_privileged = plan->world_privileged;
	copy->window = plan->window;
	evidence->plan = copy;
	return 0;
}
