// SPDX-License-Identifier: MIT
// analysis: the book of processes: start, fork, exec, exit, and what became of each.
#include "ledger_book.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

struct process_book *process_lookup(const struct ledger *ledger, uint32_t serial)
{
	return ledger_map_get(&ledger->processes, serial);
}

const struct process *ledger_process(const struct ledger *ledger, uint32_t serial)
{
	const struct process_book *process = process_lookup(ledger, serial);

	return process ? &process->facts : NULL;
}

const struct process *ledger_process_of_pid(const struct ledger *ledger, pid_t pid)
{
	const struct process_book *process = ledger_map_get(&ledger->pids, (uint32_t)pid);

	return process ? &process->facts : NULL;
}

static void remember_pid(struct ledger *ledger, int64_t pid)
{
	struct pid_set *set =
	    pid > 0 && pid < PID_COUNT ? table_take(&ledger->tree_pids, (size_t)pid / PIDS_OF_SET) : NULL;

	if (set)
		set->bits[pid % PIDS_OF_SET / 8] |= (unsigned char)(1U << (pid % 8));
	else if (pid > 0 && pid < PID_COUNT)
		ledger->no_memory = true;
}

bool process_was_in_tree(const struct ledger *ledger, int32_t pid)
{
	const struct pid_set *set =
	    pid > 0 && pid < PID_COUNT ? table_look(&ledger->tree_pids, (size_t)pid / PIDS_OF_SET) : NULL;

	return set && set->bits[pid % PIDS_OF_SET / 8] >> (pid % 8) & 1;
}

const struct process *ledger_process_of_crash(const struct ledger *ledger, const struct crash *crash)
{
	const struct process_book *process = ledger_map_get(&ledger->pids, (uint32_t)crash->pid);

	if (!process || (crash->source == CRASH_KERNEL_LOG && process->exited))
		return NULL;
	return &process->facts;
}

static void unlist(struct ledger *ledger, struct process_book *process)
{
	if (!process->listed)
		return;
	*(process->older ? &process->older->newer : &ledger->oldest_dead) = process->newer;
	*(process->newer ? &process->newer->older : &ledger->newest_dead) = process->older;
	process->listed = false;
	ledger->dead_count--;
}

static void forget(struct ledger *ledger, struct process_book *process)
{
	unlist(ledger, process);
	if (ledger_map_get(&ledger->pids, (uint32_t)process->facts.pid) == process)
		ledger_map_remove(&ledger->pids, (uint32_t)process->facts.pid);
	ledger_map_remove(&ledger->processes, process->facts.serial);
	if (ledger->last_process == process)
		ledger->last_process = NULL;
	pool_give(&ledger->process_pool, process);
}

/* Long dead: its attachments end now; it stays only if something names it. */
static void bury(struct ledger *ledger, struct process_book *process)
{
	unlist(ledger, process);
	attachments_drop(ledger, process, UINT32_MAX, process->exited);
	process->folded = true;
	if (!process->pinned && process->segments == 0)
		forget(ledger, process);
}

static void ended(struct ledger *ledger, struct process_book *process)
{
	if (process->listed || process->folded)
		return;
	process->older = ledger->newest_dead;
	process->newer = NULL;
	*(process->older ? &process->older->newer : &ledger->oldest_dead) = process;
	ledger->newest_dead = process;
	process->listed = true;
	if (++ledger->dead_count > DEAD_KEPT)
		bury(ledger, ledger->oldest_dead);
}

void process_unuse(struct ledger *ledger, uint32_t serial)
{
	struct process_book *process = process_lookup(ledger, serial);

	if (!process || process->segments == 0)
		return;
	if (--process->segments == 0 && process->folded && !process->pinned)
		forget(ledger, process);
}

struct process_book *process_of(struct ledger *ledger, const struct record *record)
{
	struct process_book *process = ledger->last_process, *namesake;

	if (process && process->facts.serial == record->process)
		return process;
	process = process_lookup(ledger, record->process);
	if (process || record->process == 0) {
		if (process)
			ledger->last_process = process;
		return process;
	}
	process = pool_take(&ledger->process_pool);
	if (!process)
		goto no_memory;
	process->facts.serial = record->process;
	process->facts.pid = record->pid;
	process->facts.image = record->image;
	if (ledger_map_set(&ledger->processes, record->process, process) < 0)
		goto no_memory;
	namesake = ledger_map_get(&ledger->pids, (uint32_t)record->pid);
	if (namesake) {
		namesake->superseded = true;
		ended(ledger, namesake);
	}
	if (ledger_map_set(&ledger->pids, (uint32_t)record->pid, process) < 0)
		goto no_memory;
	remember_pid(ledger, record->pid);
	ledger->totals.processes++;
	ledger->last_process = process;
	return process;

no_memory:
	if (process && process_lookup(ledger, record->process) != process)
		pool_give(&ledger->process_pool, process);
	ledger->no_memory = true;
	return NULL;
}

static bool is_image_of(const struct pending_exec *exec, const struct record *start)
{
	if (exec->pid > 0 && exec->pid == start->pid)
		return true;
	return exec->spawn && exec->process == start->args[1] && exec->k == start->args[2];
}

/* The first of what libc's system and popen began in that process with that program. */
static void announce_by_libc(struct ledger *ledger, const struct record *start)
{
	for (size_t i = 0; i < ledger->exec_count; i++) {
		const struct pending_exec *exec = &ledger->execs[i];

		if (!exec->by_libc || exec->process != start->args[1] || exec->text != start->text)
			continue;
		memmove(&ledger->execs[i], &ledger->execs[i + 1],
			(--ledger->exec_count - i) * sizeof(*ledger->execs));
		return;
	}
}

static void announce_image(struct ledger *ledger, const struct record *record)
{
	size_t kept = 0, count = ledger->exec_count;

	if (record->args[0] == START_FORK)
		return;
	for (size_t i = 0; i < count; i++)
		if (!is_image_of(&ledger->execs[i], record))
			ledger->execs[kept++] = ledger->execs[i];
	ledger->exec_count = kept;
	if (kept == count && record->args[0] == START_SPAWN)
		announce_by_libc(ledger, record);
}

static int inherit(struct ledger *ledger, struct process_book *child, const struct record *record)
{
	const struct process_book *parent;
	struct attachment *list = NULL;
	int r;

	for (size_t i = 0; i < ledger->fork_count; i++) {
		struct pending_fork *fork = &ledger->forks[i];

		if (fork->pid != record->pid || fork->parent != record->args[1])
			continue;
		list = fork->attachments;
		*fork = ledger->forks[--ledger->fork_count];
		return attachments_adopt(ledger, child, list);
	}
	/* a raw clone, noticed at the child's first call: the parent's present ones are the best guess */
	parent = process_lookup(ledger, (uint32_t)record->args[1]);
	if (!parent || !parent->attachments || parent == child)
		return 0;
	r = attachments_snapshot(ledger, parent, record, &list);
	return r < 0 ? r : attachments_adopt(ledger, child, list);
}

static int start(struct ledger *ledger, struct process_book *process, const struct record *record)
{
	struct process *facts = &process->facts;

	announce_image(ledger, record);
	if (record->image > facts->image || record->args[0] == START_EXEC) {
		attachments_drop(ledger, process, record->image, true);
		memset(process->outcomes, 0, sizeof(process->outcomes));
	}
	facts->parent = (uint32_t)record->args[1];
	facts->pid = record->pid;
	facts->image = record->image;
	facts->role = (uint32_t)record->detail[0];
	facts->executable = record->text;
	memcpy(facts->comm, &record->detail[1], 16);
	facts->comm[16] = '\0';
	if (record->args[0] == START_FORK)
		return inherit(ledger, process, record);
	return 0;
}

static int forked(struct ledger *ledger, const struct process_book *parent, const struct record *record)
{
	struct pending_fork fork = {(int32_t)record->result, record->process, NULL};
	int r;

	if (record->state != RECORD_DONE || record->flags & RECORD_FAILED || fork.pid <= 0)
		return 0;
	remember_pid(ledger, fork.pid);
	if (!parent->attachments)
		return 0;
	r = attachments_snapshot(ledger, parent, record, &fork.attachments);
	if (r < 0)
		return r;
	if (ledger->fork_count == PENDING_KEPT) {
		attachments_discard(ledger, ledger->forks[0].attachments);
		memmove(ledger->forks, ledger->forks + 1, (PENDING_KEPT - 1) * sizeof(*ledger->forks));
		ledger->fork_count--;
	}
	r = array_reserve((void **)&ledger->forks, ledger->fork_count, &ledger->fork_capacity,
			  sizeof(*ledger->forks));
	if (r < 0) {
		attachments_discard(ledger, fork.attachments);
		return r;
	}
	ledger->forks[ledger->fork_count++] = fork;
	return 0;
}

static void executed(struct ledger *ledger, const struct process_book *process, const struct record *record)
{
	struct pending_exec exec = {.pid = record->pid,
				    .process = record->process,
				    .k = (uint32_t)record->args[1],
				    .text = record->text,
				    .begin_ns = record->begin_ns,
				    .spawn = record->args[0] != EXEC_SELF,
				    .by_libc = record->args[0] == EXEC_LIBC};

	if (record->flags & RECORD_FAILED)
		return;
	if (exec.spawn) {
		/* vfork's child itself tells of it; its START may not name its parent, who may have ended before */
		bool is_childs = record->pid != process->facts.pid;
		exec.pid = is_childs                      ? record->pid
			   : record->state == RECORD_DONE ? (int32_t)record->result
							  : 0;
		remember_pid(ledger, exec.pid);
	}
	remember_pid(ledger, record->pid);
	if (record->flags & RECORD_HANDED)
		ledger->totals.handed++;
	else if (ledger->exec_count == PENDING_KEPT)
		ledger->execs_dropped++;
	else if (array_reserve((void **)&ledger->execs, ledger->exec_count, &ledger->exec_capacity,
			       sizeof(*ledger->execs)) < 0)
		ledger->no_memory = true;
	else
		ledger->execs[ledger->exec_count++] = exec;
}

int process_event(struct ledger *ledger, const struct record *record)
{
	struct process_book *process = process_of(ledger, record);

	if (!process)
		return ledger->no_memory ? -ENOMEM : 0;
	switch (record->event) {
	case EVENT_START:
		return start(ledger, process, record);
	case EVENT_FORK:
		return forked(ledger, process, record);
	case EVENT_EXEC:
		executed(ledger, process, record);
		return 0;
	default:
		/* a vfork child leaves in its parent's address space */
		if (record->pid == process->facts.pid) {
			process->exited = true;
			ended(ledger, process);
		} else {
			remember_pid(ledger, record->pid);
		}
		return 0;
	}
}

static bool was_reaped_after_exit(const struct evidence *evidence, pid_t pid)
{
	for (size_t i = 0; i < evidence->reaped_count; i++)
		if (evidence->reaped[i].pid == pid)
			return WIFEXITED(evidence->reaped[i].status);
	return evidence->program_pid == pid && WIFEXITED(evidence->program_status) && !evidence->timed_out;
}

void process_settle_all(struct ledger *ledger, const struct evidence *evidence)
{
	for (size_t i = 0; ledger->processes.slots && i <= ledger->processes.mask; i++) {
		struct process_book *process = ledger->processes.slots[i].value;

		if (!process || process->folded)
			continue;
		if (process->superseded || !evidence_has_survivor(evidence, process->facts.pid)) {
			bool left = process->exited || (!process->superseded &&
							was_reaped_after_exit(evidence, process->facts.pid));

			attachments_drop(ledger, process, UINT32_MAX, left);
		}
	}
}
