// SPDX-License-Identifier: MIT
// event log: the file that the library wrote without the harness.
#include "log_session.h"

#include "log_command.h"
#include "log_rules.h"
#include "protocol/session.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool log_session_is(const void *bytes, size_t length)
{
	return length >= sizeof(struct session) && memcmp(bytes, SESSION_MAGIC, 8) == 0;
}

/* Events in the order of their beginning, as the ledger wants them. */
struct events {
	struct record *list;
	size_t count, bad;
};

static int by_begin(const void *left, const void *right)
{
	const struct record *a = left, *b = right;

	return (a->begin_ns > b->begin_ns) - (a->begin_ns < b->begin_ns);
}

static void collect(const struct session *session, struct events *events)
{
	const struct block *blocks = (const void *)((const char *)session + session->blocks_offset);

	for (size_t i = 0; i < (size_t)session->block_count * BLOCK_RECORDS; i++) {
		struct record *record = &events->list[events->count];

		*record = blocks[i / BLOCK_RECORDS].records[i % BLOCK_RECORDS];
		if (record->state == RECORD_FREE)
			continue;
		if (record->state == RECORD_BEGUN) {
			record->flags |= RECORD_LIVE;
			record->end_ns = 0;
		}
		if (record->state > RECORD_DONE || record->event >= EVENT_COUNT || !record->begin_ns ||
		    (record->state == RECORD_DONE && record->end_ns < record->begin_ns))
			events->bad++;
		else
			events->count++;
	}
	qsort(events->list, events->count, sizeof(*events->list), by_begin);
}

static int hand_over(const struct events *events, log_sink *sink, void *context, struct log_content *content)
{
	for (size_t i = 0; i < events->count; i++) {
		int code = sink(context, &events->list[i]);

		if (code)
			return code;
		content->records++;
	}
	return 0;
}

static int copy_arena(const struct session *session, struct log_content *content)
{
	const struct arena *arena = (const void *)((const char *)session + session->arena_offset);
	uint64_t size = arena->used < sizeof(*arena) || arena->used > arena->size ? arena->size : arena->used;

	if (size < sizeof(*arena) || size > session->total_size - session->arena_offset)
		return -EBADMSG;
	content->arena = malloc(size);
	if (!content->arena)
		return -ENOMEM;
	memcpy(content->arena, arena, size);
	content->arena_size = size;
	content->evidence.lost_texts = arena->lost;
	return 0;
}

static const struct arena_entry *text_of(const struct log_content *content, uint64_t ref)
{
	return ref <= UINT32_MAX ? arena_get(content->arena, content->arena_size, (uint32_t)ref, ARENA_STRING)
				 : NULL;
}

/* The rules come from their text, which is read like any other; the plan beside it gives the counts alone. */
static int read_plan(const struct session *session, struct log_content *content)
{
	const struct arena_entry *text = text_of(content, session->rules_text);
	const struct plan *counted = (const void *)((const char *)session + session->plan_offset);
	struct plan *plan;

	if (!session->plan_offset)
		return 0;
	if (!text || !plan_is_valid(counted, session->plan_size))
		return -EBADMSG;
	plan = log_rules_new((const char *)text->data, text->length, counted->seed);
	if (!plan)
		return -EBADMSG;
	if (plan->rule_count != counted->rule_count) {
		free(plan);
		return -EBADMSG;
	}
	for (uint32_t i = 0; i < plan->rule_count; i++)
		log_rules_count(plan, i, plan_matches(counted, i), plan_hits(counted, i));
	plan->overflow = counted->overflow;
	plan->world_failed = counted->world_failed;
	plan->world_privileged = counted->world_privileged;
	content->evidence.plan = plan;
	return 0;
}

/* PROGRAM: the name that its first image was executed by, and the words that it was started with. */
static int name_program(const struct session *session, const struct events *events,
			struct log_content *content)
{
	const struct arena_entry *text = NULL, *words = text_of(content, session->command);
	struct evidence *evidence = &content->evidence;
	char *executed;

	for (size_t i = 0; i < events->count && !text; i++)
		if (events->list[i].event == EVENT_START)
			text = text_of(content, events->list[i].text);
	executed = text ? strndup((const char *)text->data, text->length) : NULL;
	if (text && !executed)
		return -ENOMEM;
	if (words && words->length && words->data[words->length - 1] != '\0')
		words = NULL;
	evidence->argv =
	    log_command(executed, words ? (const char *)words->data : NULL, words ? words->length : 0);
	evidence->is_command_unknown = words == NULL;
	free(executed);
	return evidence->argv ? 0 : -ENOMEM;
}

static int fill_evidence(const struct session *session, const struct events *events,
			 struct log_content *content)
{
	struct evidence *evidence = &content->evidence;
	int code = name_program(session, events, content);

	evidence->plain_preload = true;
	evidence->isolation = ISOLATION_NONE;
	evidence->events = events->count;
	evidence->bad_records = events->bad;
	evidence->lost_events = session->lost;
	evidence->begin_ns = events->count ? events->list[0].begin_ns : 0;
	if (!code)
		code = read_plan(session, content);
	if (!code && evidence->lost_events)
		code = evidence_doubt(evidence, "the log was full: %" PRIu64 " events were lost",
				      evidence->lost_events);
	if (!code && evidence->bad_records)
		code =
		    evidence_doubt(evidence, "%" PRIu64 " records of the log were overwritten by the program",
				   evidence->bad_records);
	return code;
}

static int read_session(const struct session *session, log_sink *sink, void *context,
			struct log_content *content)
{
	struct events events = {
	    .list = malloc(((size_t)session->block_count * BLOCK_RECORDS + 1) * sizeof(struct record))};
	int code = events.list ? copy_arena(session, content) : -ENOMEM;

	if (!code) {
		collect(session, &events);
		code = fill_evidence(session, &events, content);
	}
	if (!code)
		code = hand_over(&events, sink, context, content);
	free(events.list);
	return code;
}

int log_session_read(const void *bytes, size_t length, log_sink *sink, void *context,
		     struct log_content *ret_content, char why[256])
{
	struct session *session = aligned_alloc(64, (length + 63) & ~(size_t)63);
	struct log_content content = {0};
	int code = session ? 0 : -ENOMEM;

	if (session) {
		memcpy(session, bytes, length); /* it may still be written to */
		if (session->version != SESSION_VERSION || session->header_size != sizeof(*session))
			code = -EPROTO;
		else if (!session_is_valid(session, length))
			code = -EBADMSG;
	}
	if (!code)
		code = read_session(session, sink, context, &content);
	if (code)
		snprintf(why, 256, "%s",
			 code == -EPROTO    ? "a log of another version of shmcheck"
			 : code == -EBADMSG ? "the log that the library wrote by itself is damaged"
					    : strerror(code < 0 ? -code : code));
	if (code)
		log_content_free(&content);
	else
		*ret_content = content;
	free(session);
	return code;
}

/* Only that tells a writer from a stranger who got its pid later. The name in the map is the one that the file was
 * made under, and on an overlay the device is another one. */
static bool has_mapped(long pid, unsigned long inode)
{
	char name[64], line[PATH_MAX + 128];
	bool found = false;
	FILE *maps;

	snprintf(name, sizeof(name), "/proc/%ld/maps", pid);
	maps = fopen(name, "re");
	while (maps && !found && fgets(line, sizeof(line), maps)) {
		unsigned long mapped;

		found = sscanf(line, "%*s %*s %*s %*s %lu", &mapped) == 1 && mapped == inode;
	}
	if (maps)
		fclose(maps);
	return found;
}

int log_session_writers(unsigned long inode, const void *bytes, size_t length, struct evidence *evidence)
{
	const struct session *session = bytes;
	const struct block_owner *owners = (const void *)((const char *)bytes + session->owners_offset);
	long last = 0;
	int code = 0;

	if (!session_is_valid(session, length))
		return 0;
	for (uint32_t i = 0; i < session->block_count && !code; i++) {
		long pid = (long)(owners[i].owner >> 32);

		if (pid == last || owners[i].owner == OWNER_DEAD || !has_mapped(pid, inode))
			continue;
		code = evidence_doubt(evidence, "pid %ld still runs and writes to this log", pid);
		last = pid;
	}
	return code;
}
