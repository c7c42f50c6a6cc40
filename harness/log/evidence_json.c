// SPDX-License-Identifier: MIT
// event log: evidence as JSON, and back.
#include "evidence_json.h"
#include "log_rules.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Bytes as characters of the same number: JSON knows text only. */
static json_t *bytes_to_json(const char *bytes)
{
	size_t length = strlen(bytes);
	char *text = malloc(2 * length + 1), *next = text;
	if (!text)
		return NULL;
	for (; *bytes; bytes++) {
		unsigned char byte = (unsigned char)*bytes;
		if (byte >= 0x80)
			*next++ = (char)(0xc0 | byte >> 6);
		*next++ = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
	}
	json_t *made = json_stringn(text, (size_t)(next - text));
	free(text);
	return made;
}

static char *bytes_from_json(const json_t *value)
{
	const char *text = json_string_value(value);
	char *bytes = text ? malloc(strlen(text) + 1) : NULL, *next = bytes;
	if (!bytes)
		return NULL;
	for (; *text; text++) {
		unsigned char first = (unsigned char)*text;
		if (first >= 0xc0 && text[1])
			first = (unsigned char)(first << 6 | ((unsigned char)*++text & 0x3f));
		*next++ = (char)first;
	}
	*next = '\0';
	return bytes;
}

static json_t *table_to_json(const struct kernel_table *table)
{
	json_t *list = json_array();
	for (size_t i = 0; i < table->count; i++) {
		const struct kernel_segment *s = &table->segments[i];
		json_array_append_new(list, json_pack("[iiiIiiIiiiiIII]", s->key, s->shmid, (int)s->mode,
						      (json_int_t)s->bytes, s->cpid, s->lpid,
						      (json_int_t)s->nattch, (int)s->uid, (int)s->gid,
						      (int)s->cuid, (int)s->cgid, (json_int_t)s->atime,
						      (json_int_t)s->dtime, (json_int_t)s->ctime));
	}
	return list;
}

static int table_from_json(json_t *list, struct kernel_table *table)
{
	size_t count = json_array_size(list);
	table->segments = calloc(count + 1, sizeof *table->segments);
	if (!table->segments || !json_is_array(list))
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		struct kernel_segment *s = &table->segments[i];
		int mode, uid, gid, cuid, cgid;
		json_int_t bytes, nattch, atime, dtime, ctime;
		if (json_unpack(json_array_get(list, i), "[iiiIiiIiiiiIII]", &s->key, &s->shmid, &mode,
				&bytes, &s->cpid, &s->lpid, &nattch, &uid, &gid, &cuid, &cgid, &atime, &dtime,
				&ctime))
			return -EBADMSG;
		s->mode = (unsigned)mode;
		s->bytes = (uint64_t)bytes;
		s->nattch = (uint64_t)nattch;
		s->uid = (uint32_t)uid;
		s->gid = (uint32_t)gid;
		s->cuid = (uint32_t)cuid;
		s->cgid = (uint32_t)cgid;
		s->atime = atime;
		s->dtime = dtime;
		s->ctime = ctime;
		table->count++;
	}
	return 0;
}

static json_t *crashes_to_json(const struct evidence *evidence)
{
	json_t *list = json_array();
	for (size_t i = 0; i < evidence->crash_count; i++) {
		const struct crash *c = &evidence->crashes[i];
		json_t *registers = json_array();
		for (unsigned k = 0; k < CRASH_REGISTERS; k++)
			json_array_append_new(registers, json_integer((json_int_t)c->registers[k]));
		json_array_append_new(list, json_pack("[iiiiibbIIio]", c->pid, c->tid, c->signal, c->code,
						      (int)c->source, c->has_address, c->has_registers,
						      (json_int_t)c->address, (json_int_t)c->time_ns,
						      (int)c->stack, registers));
	}
	return list;
}

static int crashes_from_json(json_t *list, struct evidence *evidence)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct crash c = {0};
		int source, has_address, has_registers, stack;
		json_int_t address, time;
		json_t *registers;
		if (json_unpack(json_array_get(list, i), "[iiiiibbIIio]", &c.pid, &c.tid, &c.signal, &c.code,
				&source, &has_address, &has_registers, &address, &time, &stack, &registers) ||
		    source < CRASH_KERNEL_LOG || source > CRASH_TRACED)
			return -EBADMSG;
		c.source = (enum crash_source)source;
		c.has_address = has_address;
		c.has_registers = has_registers;
		c.address = (uint64_t)address;
		c.time_ns = (uint64_t)time;
		c.stack = (uint32_t)stack;
		for (unsigned k = 0; k < CRASH_REGISTERS; k++)
			c.registers[k] = (uint64_t)json_integer_value(json_array_get(registers, k));
		if (evidence_add_crash(evidence, &c))
			return -ENOMEM;
	}
	return 0;
}

static json_t *lists_to_json(const struct evidence *evidence)
{
	json_t *argv = json_array(), *reaped = json_array(), *survivors = json_array(),
	       *doubts = json_array(), *hints = json_array(), *settings = json_array();
	for (char **word = evidence->argv; word && *word; word++)
		json_array_append_new(argv, bytes_to_json(*word));
	for (size_t i = 0; i < evidence->reaped_count; i++)
		json_array_append_new(reaped,
				      json_pack("[iiI]", evidence->reaped[i].pid, evidence->reaped[i].status,
						(json_int_t)evidence->reaped[i].time_ns));
	for (size_t i = 0; i < evidence->survivor_count; i++)
		json_array_append_new(survivors, json_pack("[io]", evidence->survivors[i].pid,
							   bytes_to_json(evidence->survivors[i].comm)));
	for (size_t i = 0; i < evidence->doubt_count; i++)
		json_array_append_new(doubts, bytes_to_json(evidence->doubts[i]));
	for (size_t i = 0; i < evidence->hint_count; i++)
		json_array_append_new(hints, bytes_to_json(evidence->hints[i]));
	for (size_t i = 0; i < evidence->setting_count; i++)
		json_array_append_new(settings, bytes_to_json(evidence->settings[i]));
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "argv", argv, "reaped", reaped, "survivors", survivors,
			 "doubts", doubts, "hints", hints, "settings", settings);
}

/* The rules in canonical form, with their counts. */
static json_t *rules_to_json(const struct plan *plan)
{
	json_t *list = json_array();
	for (uint32_t i = 0; i < plan->rule_count; i++) {
		char text[PLAN_TEXT];
		if (plan_print(&plan->rules[i], text, sizeof text) > 0)
			json_array_append_new(list, json_pack("[oII]", bytes_to_json(text),
							      (json_int_t)plan_matches(plan, i),
							      (json_int_t)plan_hits(plan, i)));
	}
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:o}", "seed", (json_int_t)plan->seed, "overflow",
			 (json_int_t)plan->overflow, "world_failed", (json_int_t)plan->world_failed,
			 "world_privileged", (json_int_t)plan->world_privileged, "window",
			 (json_int_t)plan->window, "list", list);
}

static char *join_rules(json_t *list)
{
	size_t length = 1;
	for (size_t i = 0; i < json_array_size(list); i++)
		length += 2 + json_string_length(json_array_get(json_array_get(list, i), 0));
	char *text = calloc(1, length);
	for (size_t i = 0; text && i < json_array_size(list); i++) {
		char *rule = bytes_from_json(json_array_get(json_array_get(list, i), 0));
		if (rule)
			strcat(strcat(text, rule), "\n");
		free(rule);
	}
	return text;
}

static int rules_from_json(json_t *rules, struct plan **ret_plan)
{
	json_int_t seed, overflow, world_failed, world_privileged = 0, window, matches, hits;
	json_t *list;
	if (json_unpack(rules, "{s:I,s:I,s:I,s?I,s:I,s:o}", "seed", &seed, "overflow", &overflow,
			"world_failed", &world_failed, "world_privileged", &world_privileged, "window",
			&window, "list", &list))
		return -EBADMSG;
	char *text = join_rules(list);
	struct plan *plan = text ? log_rules_new(text, strlen(text), (uint64_t)seed) : NULL;
	free(text);
	if (!plan || plan->rule_count != json_array_size(list)) {
		free(plan);
		return -EBADMSG;
	}
	plan->overflow = (uint64_t)overflow;
	plan->world_failed = (uint64_t)world_failed;
	plan->world_privileged = (uint64_t)world_privileged;
	plan->window = (uint64_t)window;
	*ret_plan = plan;
	for (uint32_t i = 0; i < plan->rule_count; i++) {
		if (json_unpack(json_array_get(list, i), "[sII]", &text, &matches, &hits))
			return -EBADMSG;
		log_rules_count(plan, i, (uint64_t)matches, (uint64_t)hits);
	}
	return 0;
}

char *evidence_to_json(const struct evidence *evidence)
{
	json_t *root = lists_to_json(evidence);
	json_t *rest = json_pack(
	    "{s:i,s:i,s:b,s:b,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "program_pid",
	    evidence->program_pid, "program_status", evidence->program_status, "timed_out",
	    evidence->timed_out, "plain_preload", evidence->plain_preload, "isolation", evidence->isolation,
	    "begin_ns", (json_int_t)evidence->begin_ns, "end_ns", (json_int_t)evidence->end_ns, "wall_begin",
	    (json_int_t)evidence->wall_begin, "events", (json_int_t)evidence->events, "lost_events",
	    (json_int_t)evidence->lost_events, "lost_texts", (json_int_t)evidence->lost_texts, "bad_records",
	    (json_int_t)evidence->bad_records, "before", table_to_json(&evidence->before), "after",
	    table_to_json(&evidence->after), "host", table_to_json(&evidence->host));
	if (root)
		json_object_set_new(root, "crashes", crashes_to_json(evidence));
	if (root && rest && evidence->removes_orphans)
		json_object_set_new(root, "removes_orphans", json_true());
	if (root && rest && evidence->isolation_why)
		json_object_set_new(root, "isolation_why", bytes_to_json(evidence->isolation_why));
	if (root && rest && evidence->plan)
		json_object_set_new(root, "rules", rules_to_json(evidence->plan));
	char *text =
	    root && rest && json_object_update(root, rest) == 0 ? json_dumps(root, JSON_COMPACT) : NULL;
	json_decref(root);
	json_decref(rest);
	return text;
}

/* ADD is evidence_hint or its like. A log without such a list has none of them. */
static int sentences_from_json(json_t *list, struct evidence *evidence,
			       int (*add)(struct evidence *, const char *, ...))
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		char *bytes = bytes_from_json(json_array_get(list, i));
		int code = bytes ? add(evidence, "%s", bytes) : -EBADMSG;
		free(bytes);
		if (code)
			return code;
	}
	return 0;
}

static int lists_from_json(json_t *argv, json_t *reaped, json_t *survivors, json_t *doubts,
			   struct evidence *evidence)
{
	evidence->argv = calloc(json_array_size(argv) + 1, sizeof *evidence->argv);
	evidence->reaped = calloc(json_array_size(reaped) + 1, sizeof *evidence->reaped);
	evidence->survivors = calloc(json_array_size(survivors) + 1, sizeof *evidence->survivors);
	if (!evidence->argv || !evidence->reaped || !evidence->survivors)
		return -ENOMEM;
	for (size_t i = 0; i < json_array_size(argv); i++)
		if (!(evidence->argv[i] = bytes_from_json(json_array_get(argv, i))))
			return -EBADMSG;
	for (size_t i = 0; i < json_array_size(reaped); i++, evidence->reaped_count++) {
		json_int_t time;
		if (json_unpack(json_array_get(reaped, i), "[iiI]", &evidence->reaped[i].pid,
				&evidence->reaped[i].status, &time))
			return -EBADMSG;
		evidence->reaped[i].time_ns = (uint64_t)time;
	}
	for (size_t i = 0; i < json_array_size(survivors); i++, evidence->survivor_count++) {
		json_t *comm;
		if (json_unpack(json_array_get(survivors, i), "[io]", &evidence->survivors[i].pid, &comm))
			return -EBADMSG;
		char *bytes = bytes_from_json(comm);
		strncpy(evidence->survivors[i].comm, bytes ? bytes : "",
			sizeof evidence->survivors[i].comm - 1);
		free(bytes);
	}
	return sentences_from_json(doubts, evidence, evidence_doubt);
}

static int from_object(json_t *root, struct evidence *evidence)
{
	json_t *argv, *reaped, *survivors, *doubts, *before, *after, *host;
	json_int_t begin, end, wall, events, lost, texts, bad;
	int isolation, timed_out, plain;
	if (json_unpack(root, "{s:o,s:o,s:o,s:o,s:i,s:i,s:b,s:b,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}",
			"argv", &argv, "reaped", &reaped, "survivors", &survivors, "doubts", &doubts,
			"program_pid", &evidence->program_pid, "program_status", &evidence->program_status,
			"timed_out", &timed_out, "plain_preload", &plain, "isolation", &isolation, "begin_ns",
			&begin, "end_ns", &end, "wall_begin", &wall, "events", &events, "lost_events", &lost,
			"lost_texts", &texts, "bad_records", &bad, "before", &before, "after", &after, "host",
			&host) ||
	    isolation < ISOLATION_PRIVATE || isolation > ISOLATION_NONE)
		return -EBADMSG;
	evidence->timed_out = timed_out;
	evidence->plain_preload = plain;
	evidence->isolation = (enum isolation)isolation;
	evidence->begin_ns = (uint64_t)begin;
	evidence->end_ns = (uint64_t)end;
	evidence->wall_begin = wall;
	evidence->events = (uint64_t)events;
	evidence->lost_events = (uint64_t)lost;
	evidence->lost_texts = (uint64_t)texts;
	evidence->bad_records = (uint64_t)bad;
	evidence->removes_orphans = json_is_true(json_object_get(root, "removes_orphans"));
	json_t *why = json_object_get(root, "isolation_why");
	evidence->isolation_why = why ? bytes_from_json(why) : NULL;
	json_t *rules = json_object_get(root, "rules");
	int code = rules ? rules_from_json(rules, &evidence->plan) : 0;
	code = code ? code : crashes_from_json(json_object_get(root, "crashes"), evidence);
	code = code ? code : sentences_from_json(json_object_get(root, "hints"), evidence, evidence_hint);
	code =
	    code ? code : sentences_from_json(json_object_get(root, "settings"), evidence, evidence_setting);
	code = code ? code : table_from_json(before, &evidence->before);
	code = code ? code : table_from_json(after, &evidence->after);
	code = code ? code : table_from_json(host, &evidence->host);
	return code ? code : lists_from_json(argv, reaped, survivors, doubts, evidence);
}

int evidence_from_json(const char *text, size_t length, struct evidence *ret_evidence)
{
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	struct evidence evidence = {0};
	int code = root ? from_object(root, &evidence) : -EBADMSG;
	json_decref(root);
	if (code)
		evidence_free(&evidence);
	else
		*ret_evidence = evidence;
	return code;
}
