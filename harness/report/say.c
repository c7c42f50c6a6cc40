// SPDX-License-Identifier: MIT
// report: how things are called in every format: calls, places, processes, strings made safe.
#include "say.h"

#include "protocol/call.h"
#include "protocol/errno_name.h"
#include "protocol/session.h"
#include "protocol/signal_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/wait.h>

/* The length of the valid UTF-8 sequence at TEXT; 0 when there is none (RFC 3629). */
static size_t utf8_length(const unsigned char *text, size_t left)
{
	size_t length = text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc2 ? 2 : 0;
	if (length == 0 || length > left || text[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	bool is_overlong = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
	bool is_surrogate = text[0] == 0xed && text[1] > 0x9f, is_beyond = text[0] == 0xf4 && text[1] > 0x8f;
	bool is_control = text[0] == 0xc2 && text[1] < 0xa0;
	bool is_none = text[0] == 0xef && text[1] == 0xbf && text[2] >= 0xbe; /* U+FFFE, U+FFFF: not in XML */
	return is_overlong || is_surrogate || is_beyond || is_control || is_none ? 0 : length;
}

size_t say_character(const char *next, size_t left)
{
	unsigned char first = (unsigned char)*next;
	if (first < 0x80)
		return first >= 0x20 && first != 0x7f;
	return utf8_length((const unsigned char *)next, left);
}

static void escape(const char *bytes, size_t length, bool doubles, char *ret_text, size_t size)
{
	size_t at = 0;
	for (size_t i = 0; i < length && at + 5 < size;) {
		size_t step = say_character(bytes + i, length - i);
		if (doubles && bytes[i] == '\\')
			ret_text[at++] = '\\';
		if (step)
			memcpy(ret_text + at, bytes + i, step);
		at += step ? step : (size_t)snprintf(ret_text + at, 5, "\\x%02x", (unsigned char)bytes[i]);
		i += step ? step : 1;
	}
	ret_text[at] = '\0';
}

void say_escape(const char *bytes, size_t length, char *ret_text, size_t size)
{
	escape(bytes, length, true, ret_text, size);
}

void say_message(const char *bytes, size_t length, char *ret_text, size_t size)
{
	escape(bytes, length, false, ret_text, size);
}

char *say_printable(const char *text)
{
	size_t room = 4 * strlen(text) + 8;
	char *printable = malloc(room);
	if (printable)
		say_escape(text, strlen(text), printable, room);
	return printable;
}

static void put_arguments(const struct record *record, char *text, size_t size)
{
	const uint64_t *args = record->args;
	const char *command = shmctl_name((int)args[1]);
	char key[24];
	switch (record->event) {
	case CALL_FTOK:
		snprintf(text, size, "…, %d", (int)args[1]);
		break;
	case CALL_SHMGET:
		say_key((int32_t)args[0], key, sizeof key);
		snprintf(text, size, "%s, %" PRIu64 ", %s%s%#o", key, args[1],
			 args[2] & IPC_CREAT ? "IPC_CREAT|" : "", args[2] & IPC_EXCL ? "IPC_EXCL|" : "",
			 (unsigned)args[2] & ~(unsigned)(IPC_CREAT | IPC_EXCL));
		break;
	case CALL_SHMAT:
		snprintf(text, size, "%d, %#" PRIx64 ", %#o", (int)args[0], args[1], (unsigned)args[2]);
		break;
	case CALL_SHMDT:
		snprintf(text, size, "%#" PRIx64, args[0]);
		break;
	case CALL_SHMCTL:
		snprintf(text, size, "%d, %s", (int)args[0], command ? command : "?");
		break;
	default:
		text[0] = '\0';
	}
}

/* What rules did to the call: nothing that is not the program's or the kernel's own goes without a mark. */
static void put_marks(const struct record *record, char *text, size_t size)
{
	uint64_t signals = record->event < CALL_COUNT ? record->args[RECORD_SIGNALS] : 0;
	size_t at = (size_t)snprintf(text, size, "%s%s",
				     record->flags & RECORD_INJECTED ? " (INJECTED)"
				     : record->flags & RECORD_WORLD  ? " (WORLD)"
								     : "",
				     record->flags & RECORD_DELAYED ? " (DELAYED)" : "");
	for (; signals && at < size; signals &= signals - 1) {
		int number = __builtin_ctzll(signals) + 1;
		const char *name = signal_name(number);
		at += (size_t)(name ? snprintf(text + at, size - at, " (INJECTED %s)", name)
				    : snprintf(text + at, size - at, " (INJECTED signal %d)", number));
	}
}

void say_call(const struct record *record, char *ret_text, size_t size)
{
	char arguments[128], result[48], marks[80];
	const char *error = record->flags & RECORD_FAILED ? errno_name(record->error) : NULL;
	put_arguments(record, arguments, sizeof arguments);
	if (record->state == RECORD_BEGUN)
		snprintf(result, sizeof result, " (never returned)");
	else if (record->flags & RECORD_FAILED)
		snprintf(result, sizeof result, " = -1%s%s", record->error ? " " : "",
			 error           ? error
			 : record->error ? "?"
					 : "");
	else if (record->event == CALL_SHMAT || record->event == CALL_FTOK)
		snprintf(result, sizeof result, " = %#" PRIx64,
			 record->event == CALL_FTOK ? (uint64_t)(uint32_t)record->result
						    : (uint64_t)record->result);
	else
		snprintf(result, sizeof result, " = %" PRId64, record->result);
	put_marks(record, marks, sizeof marks);
	snprintf(ret_text, size, "%s(%s)%s%s", event_name(record->event), arguments, result, marks);
}

void say_key(int32_t key, char *ret_text, size_t size)
{
	if (key)
		snprintf(ret_text, size, "0x%08" PRIx32, (uint32_t)key);
	else
		snprintf(ret_text, size, "IPC_PRIVATE");
}

const char *books_string(const struct books *books, uint32_t ref, size_t *ret_length)
{
	const struct arena_entry *entry = arena_get(books->arena, books->arena_size, ref, ARENA_STRING);
	if (!entry)
		return NULL;
	*ret_length = entry->length;
	return (const char *)entry->data;
}

void say_process(const struct books *books, uint32_t serial, pid_t pid, char *ret_text, size_t size)
{
	const struct process *process = ledger_process(books->ledger, serial);
	char comm[80] = "", role[4 * ROLE_MAX] = "";
	size_t length = 0;
	const char *text = process ? books_string(books, process->role, &length) : NULL;
	if (text)
		say_escape(text, length, role, sizeof role);
	if (process)
		say_escape(process->comm, strnlen(process->comm, sizeof process->comm), comm, sizeof comm);
	snprintf(ret_text, size, "%s (%s%spid %d)", role[0] ? role : "unseen process", comm,
		 comm[0] ? ", " : "", pid);
}

void say_frame(const struct frame *frame, char *ret_text, size_t size)
{
	char object[300] = "?", function[200];
	const char *slash = frame->file ? strrchr(frame->file, '/') : NULL;
	const char *name = frame->function ? frame->function : "??";
	say_escape(name, strlen(name), function, sizeof function);
	if (frame->object)
		say_escape(frame->object, strlen(frame->object), object, sizeof object);
	if (frame->file)
		snprintf(ret_text, size, "%s (%s:%d)%s", function, slash ? slash + 1 : frame->file,
			 frame->line, frame->inlined ? " inlined" : "");
	else
		snprintf(ret_text, size, "%s (%s+%#" PRIx64 ")", function, object, frame->offset);
}

void say_status(int status, char *ret_text, size_t size)
{
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	const char *dumped = WIFSIGNALED(status) && WCOREDUMP(status) ? " (core dumped)" : "";
	if (number && signal_name(number))
		snprintf(ret_text, size, "died of %s%s", signal_name(number), dumped);
	else if (number)
		snprintf(ret_text, size, "died of signal %d%s", number, dumped);
	else
		snprintf(ret_text, size, "exited %d", WEXITSTATUS(status));
}
