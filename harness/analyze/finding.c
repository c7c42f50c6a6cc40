// SPDX-License-Identifier: MIT
// analysis: the table of findings, and lists of them.
#include "finding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct finding_row rows[FINDING_COUNT] = {
    [FINDING_SEGMENT_LEAK] =
	{"segment-leak", SEVERITY_ERROR,
	 "made by the program, still there and attached by nobody when it has ended",
	 "Remove it with shmctl(id, IPC_RMID) on every path, best right after the last attach."},
    [FINDING_SEGMENT_UNATTRIBUTED] = {"segment-unattributed", SEVERITY_ERROR,
				      "new in the kernel's table, its creation was not seen",
				      "Look for a static binary, a raw system call or a child with a "
				      "scrubbed environment: shmcheck doctor."},
    [FINDING_SEGMENT_VANISHED] = {"segment-vanished", SEVERITY_ERROR,
				  "never seen removed, yet gone from the kernel's table",
				  "Look for a remover that shmcheck cannot see: a static binary, a raw "
				  "system call, another namespace."},
    [FINDING_FAILED_RESULT_USED] =
	{"failed-result-used", SEVERITY_WARNING, "a call failed and its failure value was passed on",
	 "Check the result; shmat fails with (void *)-1, not with NULL, and -1 is no id and no key."},
    [FINDING_KEY_AS_ID] = {"key-as-id", SEVERITY_WARNING, "a key was passed where a shmid belongs",
			   "Pass what shmget returned, not the key that it was given."},
    [FINDING_BAD_DETACH] = {"bad-detach", SEVERITY_WARNING,
			    "shmdt of an address that is not the start of an attachment",
			    "Detach once, with the very address that shmat returned."},
    [FINDING_USE_AFTER_DETACH] = {"use-after-detach", SEVERITY_ERROR, "a crash in a range that was detached",
				  "Keep the segment attached until its last use."},
    [FINDING_USE_AFTER_REMOVE] = {"use-after-remove", SEVERITY_ERROR,
				  "an id was used after its segment had been removed",
				  "Remove only when nobody needs the id any more, and forget it then."},
    [FINDING_FAULT_NOT_HIT] = {"fault-not-hit", SEVERITY_ERROR, "a rule with expect=hit had no effect",
			       "Check the rule's filters and its count."},
    [FINDING_REMOVE_FOREIGN] =
	{"remove-foreign", SEVERITY_WARNING,
	 "removed by a process that did not make it, and its maker or one that had it attached failed "
	 "because of that",
	 "Let one process own the removal: compare getpid() in cleanup that a forked child inherits."},
    [FINDING_SEGMENT_PINNED] = {"segment-pinned", SEVERITY_WARNING,
				"marked for removal, held by a live process outside the tree",
				"Make the partner detach; the memory is free only after that."},
    [FINDING_STALE_ATTACH] =
	{"stale-attach", SEVERITY_WARNING, "IPC_CREAT without IPC_EXCL found a segment older than this run",
	 "Create with IPC_EXCL; on EEXIST check who made the segment before trusting it."},
    [FINDING_FTOK_COLLISION] = {"ftok-collision", SEVERITY_WARNING, "ftok gave one key for two files",
				"Use IPC_PRIVATE and pass the id on, or check the segment's contents."},
    [FINDING_FTOK_TRUNCATED] = {"ftok-truncated", SEVERITY_WARNING,
				"ftok uses 8 bits of its second argument; it is 0 or above 255",
				"Pass a number from 1 to 255."},
    [FINDING_MODE_DECIMAL] = {"mode-decimal", SEVERITY_WARNING, "a mode such as 600 written in decimal",
			      "Write it in octal, with a leading 0: 0600."},
    [FINDING_MODE_WORLD] = {"mode-world", SEVERITY_NOTE, "every user may write to the segment",
			    "Use 0600, or 0660 with a group."},
    [FINDING_ATTACH_LEAK] = {"attach-leak", SEVERITY_NOTE, "still attached when the process ended",
			     "Detach with shmdt what shmat attached, once each."},
    [FINDING_SEGMENT_HELD] = {"segment-held", SEVERITY_NOTE,
			      "made or attached by a process that is still alive",
			      "Nothing, if that process is meant to live on; else wait longer: --linger."},
    [FINDING_LEFT_AT_TIMEOUT] = {"left-at-timeout", SEVERITY_NOTE,
				 "stood when the deadline killed the program",
				 "Give the program more time: --timeout."},
    [FINDING_REMOVE_TWICE] = {"remove-twice", SEVERITY_NOTE, "IPC_RMID again on a removed segment",
			      "Remove once; the second call succeeds on Linux only while it is attached."},
    [FINDING_ATTACH_AFTER_REMOVE] = {"attach-after-remove", SEVERITY_NOTE,
				     "attached after IPC_RMID: works on Linux only",
				     "Let every process attach first, then remove."},
    [FINDING_CRASH_WINDOW] = {"crash-window", SEVERITY_NOTE,
			      "between creation and removal a kill would leave the segment behind",
			      "Remove right after the last attach: the segment lives until the last detach."},
    [FINDING_LIMIT_REACHED] =
	{"limit-reached", SEVERITY_NOTE, "shmget failed because a limit of the namespace was reached",
	 "Remove what is not needed, ask for less, or raise the limit: --limits, sysctl "
	 "kernel.shmmni, shmall, shmmax."},
};

const struct finding_row *finding_row(enum finding_id id)
{
	return (unsigned)id < FINDING_COUNT ? &rows[id] : NULL;
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {"note", "warning", "error", "never"};

	return (unsigned)severity <= SEVERITY_NEVER ? names[severity] : "?";
}

/* The list has room for the power of two that is not below its count. */
int findings_add(struct findings *findings, const struct finding *finding)
{
	if ((findings->count & (findings->count - 1)) == 0) {
		size_t room = findings->count ? findings->count * 2 : 1;
		struct finding *list = realloc(findings->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		findings->list = list;
	}
	findings->list[findings->count++] = *finding;
	return 0;
}

size_t findings_count(const struct findings *findings, enum severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->list[i].severity == severity;
	return count;
}

static uint64_t time_of(const struct finding *finding)
{
	if (finding->offending.state != RECORD_FREE)
		return finding->offending.begin_ns;
	return finding->has_segment ? finding->segment.creation.begin_ns : 0;
}

static int is_worse(const struct finding *a, const struct finding *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity;
	return time_of(a) < time_of(b);
}

/* Merges the sorted halves [0, middle) and [middle, count) of LIST through SCRATCH, the first one winning a draw. */
static void merge(struct finding **list, struct finding **scratch, size_t middle, size_t count)
{
	size_t left = 0, right = middle;

	for (size_t i = 0; i < count; i++) {
		int take_right = left == middle || (right < count && is_worse(list[right], list[left]));

		scratch[i] = take_right ? list[right++] : list[left++];
	}
	memcpy(list, scratch, count * sizeof(*list));
}

static void sort(struct finding **list, struct finding **scratch, size_t count)
{
	if (count < 2)
		return;
	sort(list, scratch, count / 2);
	sort(list + count / 2, scratch, count - count / 2);
	merge(list, scratch, count / 2, count);
}

void findings_sort(struct findings *findings)
{
	size_t count = findings->count, room = 1;
	struct finding **order = malloc(2 * (count + 1) * sizeof(*order));
	struct finding *sorted;

	while (room < count)
		room *= 2;
	sorted = malloc(room * sizeof(*sorted));
	/* without memory the list stays as it is: unsorted, but whole */
	if (order && sorted && count) {
		for (size_t i = 0; i < count; i++)
			order[i] = &findings->list[i];
		sort(order, order + count, count);
		for (size_t i = 0; i < count; i++)
			sorted[i] = *order[i];
		free(findings->list);
		findings->list = sorted;
		sorted = NULL;
	}
	free(sorted);
	free(order);
}

void findings_free(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){0};
}
