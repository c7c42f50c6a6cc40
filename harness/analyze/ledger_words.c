// SPDX-License-Identifier: MIT
// analysis: calls, errnos and texts as they stand in a finding's sentence.
#include "ledger_book.h"

#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>

static const char *flag_words(unsigned flags, char buffer[48])
{
	unsigned rest = flags & ~(unsigned)(IPC_CREAT | IPC_EXCL);

	snprintf(buffer, 48, "%s%s%#o", flags & IPC_CREAT ? "IPC_CREAT|" : "",
		 flags & IPC_EXCL ? "IPC_EXCL|" : "", rest);
	return buffer;
}

static const char *shmget_words(const struct record *record, char buffer[96])
{
	char flags[48];

	flag_words((unsigned)record->args[2], flags);
	if ((int32_t)record->args[0] == IPC_PRIVATE)
		snprintf(buffer, 96, "shmget(IPC_PRIVATE, %llu, %s)", (unsigned long long)record->args[1],
			 flags);
	else
		snprintf(buffer, 96, "shmget(0x%x, %llu, %s)", (uint32_t)record->args[0],
			 (unsigned long long)record->args[1], flags);
	return buffer;
}

const char *words_call(const struct record *record, char buffer[96])
{
	const char *command;

	switch (record->event) {
	case CALL_FTOK:
		snprintf(buffer, 96, "ftok(…, %d)", (int)record->args[1]);
		break;
	case CALL_SHMGET:
		return shmget_words(record, buffer);
	case CALL_SHMAT:
		snprintf(buffer, 96, "shmat(%d)", (int)record->args[0]);
		break;
	case CALL_SHMDT:
		snprintf(buffer, 96, "shmdt(0x%llx)", (unsigned long long)record->args[0]);
		break;
	case CALL_SHMCTL:
		command = shmctl_name((int)record->args[1]);
		if (command)
			snprintf(buffer, 96, "shmctl(%d, %s)", (int)record->args[0], command);
		else
			snprintf(buffer, 96, "shmctl(%d, %d)", (int)record->args[0], (int)record->args[1]);
		break;
	default:
		snprintf(buffer, 96, "%s", event_name(record->event));
	}
	return buffer;
}

const char *words_errno(int error)
{
	const char *name = strerrorname_np(error);

	return name ? name : "an unknown error";
}

const char *words_text(const struct ledger *ledger, uint32_t ref, char buffer[160])
{
	const struct arena_entry *entry =
	    ref && ledger->arena ? arena_get(ledger->arena, ledger->arena_size, ref, ARENA_STRING) : NULL;

	if (!entry)
		return strcpy(buffer, "(name unknown)");
	snprintf(buffer, 160, "%.*s", entry->length < 159 ? (int)entry->length : 159,
		 (const char *)entry->data);
	return buffer;
}
