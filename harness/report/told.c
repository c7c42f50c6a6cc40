// SPDX-License-Identifier: MIT
// report: a finding told in full: names instead of references, so that it outlives the run's books.
#include "told.h"

#include "fingerprint.h"
#include "say.h"

#include <string.h>

/* Frames are copied with their names: the stacks that own those may go. */
static void tell_stack(const struct books *books, uint32_t ref, struct keep *keep,
		       struct told_stack *ret_stack)
{
	const struct stack *stack = stacks_get(books->stacks, ref);
	struct frame *frames = stack ? keep_bytes(keep, stack->count * sizeof *frames) : NULL;
	if (!frames)
		return;
	for (size_t i = 0; i < stack->count; i++) {
		frames[i] = stack->frames[i];
		frames[i].function = keep_string(keep, frames[i].function);
		frames[i].file = keep_string(keep, frames[i].file);
		frames[i].object = keep_string(keep, frames[i].object);
		frames[i].build_id = keep_string(keep, frames[i].build_id);
		frames[i].trouble = keep_string(keep, frames[i].trouble);
	}
	*ret_stack = (struct told_stack){frames, stack->count, stack->complete, stack->truncated};
}

static const char *tell_text(const struct books *books, uint32_t ref, struct keep *keep)
{
	size_t length = 0;
	const char *text = books_string(books, ref, &length);
	return text ? keep_copy(keep, text, length) : NULL;
}

static const char *tell_process(const struct books *books, uint32_t serial, pid_t pid, struct keep *keep)
{
	char words[SAY_MAX];
	say_process(books, serial, pid, words, sizeof words);
	return keep_string(keep, words);
}

void told_call_make(const struct books *books, const struct record *record, struct keep *keep,
		    struct told_call *ret_call)
{
	const struct process *process = ledger_process(books->ledger, record->process);
	char words[SAY_MAX];
	*ret_call = (struct told_call){.known = record->state != RECORD_FREE};
	if (!ret_call->known)
		return;
	say_call(record, words, sizeof words);
	ret_call->text = keep_string(keep, words);
	ret_call->name = event_name(record->event);
	ret_call->process = tell_process(books, record->process, record->pid, keep);
	ret_call->role = process ? tell_text(books, process->role, keep) : NULL;
	ret_call->comm =
	    process ? keep_copy(keep, process->comm, strnlen(process->comm, sizeof process->comm)) : NULL;
	ret_call->pid = record->pid;
	ret_call->tid = record->tid;
	ret_call->error = record->error;
	ret_call->injected = record->flags & RECORD_INJECTED;
	ret_call->world = record->flags & RECORD_WORLD;
	ret_call->rule = record->flags & RECORD_OWN ? 0 : record->rule;
	tell_stack(books, record->stack, keep, &ret_call->stack);
}

void told_segment_make(const struct books *books, const struct segment *segment, struct keep *keep,
		       struct told_segment *ret_segment)
{
	ret_segment->facts = *segment;
	if (segment->creator_process || segment->creator_pid)
		ret_segment->creator =
		    tell_process(books, segment->creator_process, segment->creator_pid, keep);
	ret_segment->ftok_path = tell_text(books, segment->ftok_text, keep);
	told_call_make(books, &segment->creation, keep, &ret_segment->creation);
	told_call_make(books, &segment->removal, keep, &ret_segment->removal);
	told_call_make(books, &segment->last_failed_removal, keep, &ret_segment->last_failed_removal);
}

static void tell_last_calls(const struct books *books, uint32_t serial, struct keep *keep,
			    struct told_crash *crash)
{
	struct record records[LAST_CALLS];
	size_t count = ledger_last_calls(books->ledger, serial, records);
	struct told_call *calls = keep_bytes(keep, LAST_CALLS * sizeof *calls);
	for (size_t i = 0; calls && i < count; i++)
		told_call_make(books, &records[i], keep, &calls[i]);
	crash->calls = calls;
	crash->call_count = calls ? count : 0;
}

bool told_crash_make(const struct books *books, const struct crash *crash, struct keep *keep,
		     struct told_crash *ret_crash)
{
	const struct process *process = ledger_process_of_crash(books->ledger, crash);
	char words[SAY_MAX];
	if (!process)
		return false;
	say_status(crash->signal, words, sizeof words);
	*ret_crash = (struct told_crash){.process = tell_process(books, process->serial, crash->pid, keep),
					 .role = tell_text(books, process->role, keep),
					 .comm = keep_string(keep, process->comm),
					 .status = keep_string(keep, words),
					 .pid = crash->pid,
					 .tid = crash->tid,
					 .signal = crash->signal,
					 .has_address = crash->has_address,
					 .address = crash->address};
	tell_stack(books, crash->stack, keep, &ret_crash->stack);
	tell_last_calls(books, process->serial, keep, ret_crash);
	return true;
}

const struct told_stack *told_main_stack(const struct told_finding *finding)
{
	return finding->offending.known ? &finding->offending.stack : &finding->segment.creation.stack;
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}

static bool is_same_stack(const struct told_stack *a, const struct told_stack *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->frames[i].offset != b->frames[i].offset ||
		    !is_same_text(a->frames[i].object, b->frames[i].object) ||
		    !is_same_text(a->frames[i].build_id, b->frames[i].build_id))
			return false;
	return true;
}

static bool is_same_call(const struct told_call *a, const struct told_call *b)
{
	return a->known == b->known && is_same_stack(&a->stack, &b->stack) &&
	       is_same_text(a->name, b->name) && is_same_text(a->comm, b->comm);
}

bool told_is_same(const struct told_finding *a, const struct told_finding *b)
{
	return a->id == b->id && a->severity == b->severity && told_main_stack(a)->count &&
	       a->has_segment == b->has_segment && a->segment.facts.key == b->segment.facts.key &&
	       is_same_call(&a->offending, &b->offending) &&
	       is_same_call(&a->segment.creation, &b->segment.creation) && is_same_call(&a->after, &b->after);
}

bool told_is_system(const struct frame *frame)
{
	static const char *const names[] = {"libc.so", "libc-", "ld-linux", "libpthread", "linux-vdso"};
	const char *slash = frame->object ? strrchr(frame->object, '/') : NULL;
	const char *name = slash ? slash + 1 : frame->object;
	for (unsigned i = 0; name && i < sizeof names / sizeof *names; i++)
		if (strncmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

const struct frame *told_first_frame(const struct told_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++)
		if (stack->frames[i].file && !told_is_system(&stack->frames[i]))
			return &stack->frames[i];
	return stack->count ? &stack->frames[0] : NULL;
}

struct location told_location(const struct told_stack *stack)
{
	const struct frame *best = told_first_frame(stack);
	if (!best)
		return (struct location){0};
	bool has_line = best->file && !told_is_system(best);
	return (struct location){.file = has_line ? best->file : NULL,
				 .line = has_line ? best->line : 0,
				 .function = best->function,
				 .object = best->object,
				 .build_id = best->build_id,
				 .offset = best->offset};
}

void told_make(const struct books *books, const struct finding *finding, struct keep *keep,
	       struct told_finding *ret_told)
{
	*ret_told = (struct told_finding){.id = finding->id,
					  .severity = finding->severity,
					  .detail = keep_string(keep, finding->detail),
					  .count = finding->count ? finding->count : 1,
					  .bytes = finding->bytes,
					  .has_segment = finding->has_segment};
	if (finding->has_segment)
		told_segment_make(books, &finding->segment, keep, &ret_told->segment);
	if (finding->offending.event < CALL_COUNT)
		told_call_make(books, &finding->offending, keep, &ret_told->offending);
	told_call_make(books, &finding->after, keep, &ret_told->after);
	ret_told->location = told_location(told_main_stack(ret_told));
	ret_told->fingerprint = fingerprint_finding(ret_told);
	if (finding->id == FINDING_SEGMENT_LEAK && ledger_keeps(books->ledger, finding->segment.key)) {
		ret_told->is_marked = true;
		ret_told->known = KNOWN_PERSISTENT;
		ret_told->known_why = "the program itself says that its key is meant to stay";
	}
}
