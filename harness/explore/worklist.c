// SPDX-License-Identifier: MIT
// explore: the points that are known, each once, and what became of them.
#include "worklist.h"

#include "protocol/signal_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where POINT stands in the index, or would stand. What it comes after does not tell points apart: one that several
 * failures lead to is tried once. */
static size_t *known_slot(const struct worklist *worklist, const struct point *point)
{
	for (size_t i = point_hash(point);; i++) {
		size_t *slot = &worklist->known[i & (worklist->known_size - 1)];
		if (*slot == 0 || point_is_same(&worklist->list[*slot - 1].point, point))
			return slot;
	}
}

static int grow(struct worklist *worklist)
{
	size_t room = worklist->room ? 2 * worklist->room : 64;
	struct tried *list = realloc(worklist->list, room * sizeof *list);
	if (list)
		worklist->list = list;
	size_t *known = list ? calloc(4 * room, sizeof *known) : NULL;
	if (!known)
		return -ENOMEM;
	free(worklist->known);
	worklist->known = known;
	worklist->known_size = 4 * room;
	worklist->room = room;
	for (size_t i = 0; i < worklist->count; i++)
		*known_slot(worklist, &list[i].point) = i + 1;
	return 0;
}

/* ID, or one that ID comes after. */
static bool leads_to(const char *id, const char *wanted)
{
	size_t length = strlen(id);
	return strncmp(wanted, id, length) == 0 && (wanted[length] == '\0' || wanted[length] == '+');
}

/* A recovery's point belongs to the shard of the point that led to it: no other shard would ever see it. */
static bool is_selected(const struct worklist *worklist, const struct worklist_settings *settings,
			const struct tried *tried)
{
	if (settings->only)
		return leads_to(tried->id, settings->only);
	if (tried->point.depth > 1)
		return worklist->list[tried->point.after].is_selected;
	return !settings->shards || point_hash(&tried->point) % settings->shards == settings->shard - 1;
}

static char *chain_id(const struct worklist *worklist, const struct point *point)
{
	char own[POINT_ID_MAX], *id;
	point_id(point, own);
	const char *before = point->depth > 1 ? worklist->list[point->after].id : "";
	return asprintf(&id, "%s%s%s", before, before[0] ? "+" : "", own) < 0 ? NULL : id;
}

/* POINT was KNOWN. Of the failures that lead to it the first in the list goes before it, whichever run ended first: what
 * it shows is not to depend on that. */
static int put_behind_first(struct worklist *worklist, const struct worklist_settings *settings,
			    struct tried *known, const struct point *point)
{
	if (point->depth == 1 || point->depth != known->point.depth || point->after >= known->point.after ||
	    known->state != STATE_KNOWN || known->runs)
		return 0;
	char *id = chain_id(worklist, point);
	if (!id)
		return -ENOMEM;
	free(known->id);
	known->id = id;
	known->point = *point;
	bool was_selected = known->is_selected;
	known->is_selected = is_selected(worklist, settings, known);
	if (point->depth <= DEPTH_MAX)
		worklist->selected[point->depth] += (size_t)known->is_selected - (size_t)was_selected;
	return 0;
}

static int add(struct worklist *worklist, const struct worklist_settings *settings, const struct point *point)
{
	int code = worklist->count == worklist->room ? grow(worklist) : 0;
	size_t *slot = code ? NULL : known_slot(worklist, point);
	if (code)
		return code;
	if (*slot)
		return put_behind_first(worklist, settings, &worklist->list[*slot - 1], point);
	struct tried *tried = &worklist->list[worklist->count];
	*tried = (struct tried){.point = *point, .id = chain_id(worklist, point), .log = -1};
	if (!tried->id)
		return -ENOMEM;
	tried->is_selected = is_selected(worklist, settings, tried);
	if (tried->is_selected && point->depth <= DEPTH_MAX)
		worklist->selected[point->depth]++;
	*slot = ++worklist->count;
	return 0;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static uint64_t hash_call(const struct observation *call)
{
	/* what it could fail with depends on how it went */
	uint64_t how =
	    (uint64_t)(uint32_t)call->error << 16 | (call->flags & (RECORD_FAILED | RECORD_CREATED));
	uint64_t hash =
	    mix(mix(mix(call->stack, call->occurrence), (uint64_t)call->call << 32 | (uint32_t)call->command),
		how);
	for (const char *c = call->role; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u; /* FNV-1a */
	return hash ? hash : 1;
}

/* Whether the points of CALL are listed already, for AFTER or one before it in the list; they are from then on. 1, 0 or
 * -ENOMEM. */
static int is_seen(struct worklist *worklist, const struct observation *call, size_t after)
{
	uint64_t hash = hash_call(call);
	uintptr_t number = after + 2,
		  before = (uintptr_t)ledger_map_get(&worklist->seen, hash); /* baseline: 1 */
	if (before && before <= number)
		return 1;
	return ledger_map_set(&worklist->seen, hash, (void *)number);
}

static int add_call(struct worklist *worklist, const struct worklist_settings *settings,
		    const struct observation *call, size_t after)
{
	struct point points[EXPAND_POINTS_MAX];
	int known = is_seen(worklist, call, after);
	unsigned count = known ? 0 : expand(&settings->expand, call, points);
	int code = known < 0 ? known : 0;
	for (unsigned i = 0; !code && i < count; i++) {
		points[i].depth = after == SIZE_MAX ? 1 : worklist->list[after].point.depth + 1;
		points[i].after = after;
		code = add(worklist, settings, &points[i]);
	}
	return code;
}

int worklist_add(struct worklist *worklist, const struct worklist_settings *settings,
		 const struct trial *trial, uint64_t after_ns, size_t after)
{
	int code = 0;
	for (size_t i = 0; !code && i < trial->call_count; i++) {
		const struct observation *call = &trial->calls[i];
		/* of calls with one stack the first and the last stand for all; in a run that was cut short none is the
		 * last */
		bool is_last = call->occurrence == call->occurrences && !trial->timed_out;
		bool stands_for_others = call->occurrence == 1 || is_last;
		if (call->begin_ns <= after_ns || call->flags & (RECORD_INJECTED | RECORD_WORLD) ||
		    !(stands_for_others || settings->all_points))
			continue;
		code = add_call(worklist, settings, call, after);
	}
	return code;
}

/* Each part of an ID ends in ":FAULT:MODE". */
void worklist_for_point(const char *id, struct worklist_settings *settings, unsigned *ret_depth)
{
	struct expand_settings *expand = &settings->expand;
	*expand = (struct expand_settings){.calls = (1u << CALL_COUNT) - 1,
					   .all_errnos = true,
					   .once = true,
					   .persist = true,
					   .worlds = expand->worlds,
					   .denies = expand->denies};
	settings->all_points = true;
	settings->shards = 0;
	*ret_depth = 1;
	for (const char *part = id; (part = strchr(part, '+')); part++)
		++*ret_depth;
	const char *mode = strrchr(id, ':'), *fault = mode;
	while (fault && fault > id && fault[-1] != ':')
		fault--;
	int signal =
	    mode && strcmp(mode, ":signal") == 0 ? signal_by_name(fault, (unsigned)(mode - fault)) : -1;
	if (signal > 0)
		expand->signals[expand->signal_count++] = signal;
}

size_t worklist_selected(const struct worklist *worklist, unsigned depth)
{
	size_t count = 0;
	for (unsigned i = 1; i <= depth && i <= DEPTH_MAX; i++)
		count += worklist->selected[i];
	return count;
}

size_t worklist_next(struct worklist *worklist, unsigned depth)
{
	for (; worklist->cursor < worklist->count; worklist->cursor++) {
		const struct tried *tried = &worklist->list[worklist->cursor];
		if (tried->state == STATE_KNOWN && tried->is_selected && tried->point.depth <= depth)
			return worklist->cursor;
	}
	return SIZE_MAX;
}

void worklist_again(struct worklist *worklist, size_t place)
{
	worklist->list[place].state = STATE_KNOWN;
	if (place < worklist->cursor)
		worklist->cursor = place;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t value = *state += 0x9e3779b97f4a7c15u;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
	value = (value ^ value >> 27) * 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

void worklist_shuffle(struct worklist *worklist, uint64_t seed)
{
	for (size_t i = worklist->count; i > 1; i--) {
		size_t k = next_random(&seed) % i;
		struct tried swap = worklist->list[k];
		worklist->list[k] = worklist->list[i - 1];
		worklist->list[i - 1] = swap;
	}
	memset(worklist->known, 0, worklist->known_size * sizeof *worklist->known);
	for (size_t i = 0; i < worklist->count; i++)
		*known_slot(worklist, &worklist->list[i].point) = i + 1;
}

void worklist_free(struct worklist *worklist)
{
	for (size_t i = 0; i < worklist->count; i++) {
		struct tried *tried = &worklist->list[i];
		trial_free(&tried->trial);
		free(tried->id);
		if (tried->log >= 0)
			close(tried->log);
	}
	free(worklist->list);
	free(worklist->known);
	ledger_map_free(&worklist->seen);
	*worklist = (struct worklist){0};
}
