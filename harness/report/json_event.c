// SPDX-License-Identifier: MIT
// report: JSON: one event of the log.
#include "json_parts.h"
#include "json_run.h"
#include "protocol/call.h"
#include "say.h"

#include <string.h>

static json_t *string_of(const struct report *report, uint32_t ref)
{
	size_t length = 0;
	const char *text = books_string(report->books, ref, &length);
	struct keep keep = {0};
	json_t *made = text ? json_text(keep_copy(&keep, text, length)) : json_null();
	keep_free(&keep);
	return made;
}

static json_t *name_or_number(const char *name, int number)
{
	return name ? json_string(name) : json_integer(number);
}

static json_t *call_arguments(const struct report *report, const struct record *record)
{
	const uint64_t *args = record->args;
	switch (record->event) {
	case CALL_FTOK:
		return json_pack("{s:o,s:i}", "path", string_of(report, record->text), "proj_id",
				 (int)args[1]);
	case CALL_SHMGET:
		return json_pack("{s:i,s:I,s:i}", "key", (int)args[0], "size", (json_int_t)args[1], "flags",
				 (int)args[2]);
	case CALL_SHMAT:
		return json_pack("{s:i,s:I,s:i}", "shmid", (int)args[0], "address", (json_int_t)args[1],
				 "flags", (int)args[2]);
	case CALL_SHMDT:
		return json_pack("{s:I}", "address", (json_int_t)args[0]);
	default:
		return json_pack("{s:i,s:o}", "shmid", (int)args[0], "command",
				 name_or_number(shmctl_name((int)args[1]), (int)args[1]));
	}
}

static json_t *arguments(const struct report *report, const struct record *record)
{
	static const char *const hows[] = {NULL, "first", "fork", "exec", "spawn"};
	static const char *const unmaps[] = {"munmap", "mmap"};
	const uint64_t *args = record->args;
	switch (record->event) {
	case EVENT_START:
		return json_pack("{s:o,s:I,s:o}", "how",
				 name_or_number(args[0] < 5 ? hows[args[0]] : NULL, (int)args[0]), "parent",
				 (json_int_t)args[1], "executable", string_of(report, record->text));
	case EVENT_FORK:
		return json_pack("{s:I}", "child", (json_int_t)args[0]);
	case EVENT_EXEC:
		return json_pack("{s:b,s:o}", "spawn", args[0] == EXEC_SPAWN, "path",
				 string_of(report, record->text));
	case EVENT_EXIT:
		return json_pack("{s:o}", "status",
				 args[0] == UINT32_MAX ? json_null() : json_integer((json_int_t)args[0]));
	case EVENT_UNMAP:
		return json_pack("{s:I,s:I,s:o}", "address", (json_int_t)args[0], "length",
				 (json_int_t)args[1], "how",
				 name_or_number(args[2] < 2 ? unmaps[args[2]] : NULL, (int)args[2]));
	case EVENT_KEEP:
		return json_pack("{s:I}", "key", (json_int_t)args[0]);
	case EVENT_POINT:
		return json_pack("{s:o}", "name", string_of(report, record->text));
	default:
		return record->event < CALL_COUNT ? call_arguments(report, record) : json_object();
	}
}

/* Of a shmget: did this very call make the segment? */
static json_t *created(const struct record *record)
{
	if (record->event != CALL_SHMGET || record->flags & RECORD_CREATED_UNKNOWN ||
	    record->state != RECORD_DONE)
		return json_null();
	return json_boolean(record->flags & RECORD_CREATED);
}

json_t *json_event(const struct report *report, const struct record *record)
{
	struct keep keep = {0};
	struct told_call call;
	bool is_done = record->state == RECORD_DONE;
	uint64_t start = report->evidence->begin_ns;
	told_call_make(report->books, record, &keep, &call);
	json_t *made = json_merge(
	    json_object_of("event"),
	    json_pack("{s:s,s:I,s:o,s:i,s:i,s:I,s:o,s:o,s:I,s:o,s:o,s:i,s:o,s:b,s:b,s:b,s:o,s:o}", "event",
		      event_name(record->event), "begin_ns", (json_int_t)(record->begin_ns - start), "end_ns",
		      is_done ? json_integer((json_int_t)(record->end_ns - start)) : json_null(), "pid",
		      record->pid, "tid", record->tid, "process", (json_int_t)record->process, "role",
		      json_text(call.role), "comm", json_text(call.comm), "image", (json_int_t)record->image,
		      "arguments", arguments(report, record), "result",
		      is_done ? json_integer(record->result) : json_null(), "errno", record->error, "created",
		      created(record), "injected", call.injected, "world", call.world, "planted",
		      (record->flags & RECORD_PLANTED) != 0, "rule",
		      record->rule ? json_integer(record->rule) : json_null(), "stack",
		      record->stack ? json_stack(&call.stack) : json_null()));
	keep_free(&keep);
	return made;
}
