// SPDX-License-Identifier: MIT
// report: JSON: what several of its objects have.
#include "json_parts.h"

#include "protocol/signal_name.h"
#include "say.h"
#include "shown.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static json_t *text(const char *bytes, size_t length)
{
	char *escaped = malloc(4 * length + 8);
	if (!escaped)
		return json_null();
	say_escape(bytes, length, escaped, 4 * length + 8);
	json_t *made = json_string(escaped);
	free(escaped);
	return made;
}

json_t *json_text(const char *bytes)
{
	return bytes ? text(bytes, strlen(bytes)) : json_null();
}

json_t *json_stack(const struct told_stack *stack)
{
	json_t *frames = json_array();
	for (size_t i = 0; i < stack->count; i++) {
		const struct frame *frame = &stack->frames[i];
		json_array_append_new(
		    frames, json_pack("{s:o,s:o,s:i,s:o,s:o,s:I,s:b}", "function", json_text(frame->function),
				      "file", json_text(frame->file), "line", frame->line, "object",
				      json_text(frame->object), "build_id", json_text(frame->build_id),
				      "offset", (json_int_t)frame->offset, "inlined", frame->inlined));
	}
	return json_pack("{s:b,s:o}", "complete", stack->complete, "frames", frames);
}

json_t *json_call(const struct told_call *call)
{
	if (!call->known)
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:i,s:i,s:b,s:b,s:i,s:i,s:o}", "call", json_text(call->text), "role",
			 json_text(call->role), "comm", json_text(call->comm), "pid", call->pid, "tid",
			 call->tid, "injected", call->injected, "world", call->world, "rule", (int)call->rule,
			 "errno", call->error, "stack", json_stack(&call->stack));
}

json_t *json_segment(const struct told_segment *told)
{
	const struct segment *segment = &told->facts;
	return json_pack(
	    "{s:i,s:i,s:I,s:i,s:b,s:b,s:b,s:s,s:i,s:I,s:I,s:I,s:o,s:o,s:o}", "shmid", segment->shmid, "key",
	    segment->key, "bytes", (json_int_t)segment->bytes, "mode", (int)(segment->mode & 0777), "created",
	    segment->created, "removed", segment->removed, "left", segment->left, "reach",
	    segment->reach_key ? "key" : "none", "creator_pid", segment->creator_pid, "attaches",
	    (json_int_t)segment->attaches, "detaches", (json_int_t)segment->detaches, "removal_attempts",
	    (json_int_t)segment->removal_attempts, "failed_removal", json_call(&told->last_failed_removal),
	    "ftok_path", json_text(told->ftok_path), "creation", json_call(&told->creation));
}

json_t *json_argv(const char *const *words)
{
	json_t *argv = json_array();
	for (; words && *words; words++)
		json_array_append_new(argv, json_text(*words));
	return argv;
}

json_t *json_shell_line(const char *const *words)
{
	char *line = shell_line(words);
	json_t *made = line ? json_string(line) : json_null();
	free(line);
	return made;
}

json_t *json_status(int status)
{
	const char *name = WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : NULL;
	if (name)
		return json_pack("{s:s}", "signal", name);
	if (WIFSIGNALED(status))
		return json_pack("{s:o}", "signal", json_sprintf("SIG%d", WTERMSIG(status)));
	return json_pack("{s:i}", "exit", WEXITSTATUS(status));
}

json_t *json_object_of(const char *type)
{
	return json_pack("{s:s,s:i}", "type", type, "version", JSON_VERSION);
}

json_t *json_crash(const struct told_crash *crash)
{
	char address[32];
	json_t *calls = json_array();
	for (size_t i = 0; i < crash->call_count; i++)
		json_array_append_new(calls, json_call(&crash->calls[i]));
	snprintf(address, sizeof address, "0x%" PRIx64, crash->address);
	return json_merge(json_object_of("crash"),
			  json_pack("{s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:o}", "role", json_text(crash->role),
				    "comm", json_text(crash->comm), "pid", crash->pid, "tid",
				    crash->tid ? json_integer(crash->tid) : json_null(), "status",
				    json_status(crash->signal), "address",
				    crash->has_address ? json_string(address) : json_null(), "stack",
				    crash->stack.count ? json_stack(&crash->stack) : json_null(), "calls",
				    calls));
}

int json_put(json_t *object, FILE *stream)
{
	if (!object)
		return -ENOMEM;
	json_dumpf(object, stream, JSON_COMPACT);
	fputc('\n', stream);
	json_decref(object);
	return 0;
}

json_t *json_merge(json_t *object, json_t *members)
{
	if (json_object_update_new(object, members) == 0)
		return object;
	json_decref(object);
	return NULL;
}
