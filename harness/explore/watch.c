// SPDX-License-Identifier: MIT
// explore: a run's records become observations: the calls by role, ordinal and stack.
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIVES_MOST = 1 << 20 };

void watch_clear(struct watch *watch)
{
	watch->count = 0;
	watch->left_out = 0;
	if (watch->lives)
		memset(watch->lives, 0, watch->life_room);
}

/* A new image has not ended yet. */
static int take_life(struct watch *watch, const struct record *record)
{
	uint32_t serial = record->process;
	if (serial >= LIVES_MOST || (record->event != EVENT_START && record->event != EVENT_EXIT))
		return 0;
	if (serial >= watch->life_room) {
		uint32_t room = 2 * serial + 64;
		unsigned char *lives = realloc(watch->lives, room);
		if (!lives)
			return -ENOMEM;
		memset(lives + watch->life_room, 0, room - watch->life_room);
		watch->lives = lives;
		watch->life_room = room;
	}
	if (record->event == EVENT_START)
		watch->lives[serial] = LIFE_BEGUN;
	else
		watch->lives[serial] |= LIFE_ENDED;
	return 0;
}

static bool has_vanished(const struct watch *watch, uint32_t serial)
{
	return serial < watch->life_room && watch->lives[serial] == LIFE_BEGUN;
}

static uint32_t count_vanished(const struct watch *watch)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < watch->life_room; i++)
		count += has_vanished(watch, i);
	return count;
}

int watch_take(struct watch *watch, const struct record *record)
{
	if (record->event >= CALL_COUNT)
		return take_life(watch, record);
	if (record->flags & RECORD_PLANTED) /* a world's, not the program's */
		return 0;
	if (watch->count == WATCH_MOST) {
		watch->left_out++;
		return 0;
	}
	if (watch->count == watch->room) {
		size_t room = watch->room ? 2 * watch->room : 256;
		struct record *calls = realloc(watch->calls, room * sizeof *calls);
		if (!calls)
			return -ENOMEM;
		watch->calls = calls;
		watch->room = room;
	}
	watch->calls[watch->count++] = *record;
	return 0;
}

static int command_of(const struct record *record)
{
	return record->event == CALL_SHMCTL ? shmctl_command((int)record->args[1]) : 0;
}

/* How often a process made a call of some kind: STACK 0 counts all of that kind. */
struct tally {
	uint64_t stack;
	uint32_t process, count;
	int32_t command;
	uint16_t call;
	bool any_stack;
};

struct tallies {
	struct tally *slots; /* open addressing */
	size_t size; /* a power of two, more than twice the number of calls */
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

static struct tally *find(struct tallies *tallies, struct tally wanted)
{
	uint64_t hash = mix(mix(mix(wanted.any_stack, wanted.stack), wanted.process),
			    (uint64_t)(uint32_t)wanted.command << 16 | wanted.call);
	for (size_t i = hash & (tallies->size - 1);; i = (i + 1) & (tallies->size - 1)) {
		struct tally *slot = &tallies->slots[i];
		if (slot->count == 0)
			*slot = wanted;
		else if (slot->stack != wanted.stack || slot->process != wanted.process ||
			 slot->command != wanted.command || slot->call != wanted.call ||
			 slot->any_stack != wanted.any_stack)
			continue;
		return slot;
	}
}

static struct tally *count_up(struct tallies *tallies, struct tally wanted)
{
	struct tally *slot = find(tallies, wanted);
	slot->count++;
	return slot;
}

static void put_role(const struct ledger *ledger, const struct arena *arena, uint64_t arena_size,
		     uint32_t serial, char role[ROLE_MAX])
{
	const struct process *process = ledger_process(ledger, serial);
	const struct arena_entry *text =
	    process ? arena_get(arena, arena_size, process->role, ARENA_STRING) : NULL;
	size_t length = text ? text->length : 0;
	if (length >= ROLE_MAX)
		length = ROLE_MAX - 1;
	if (text)
		memcpy(role, text->data, length);
	role[length] = '\0';
}

static uint64_t hash_text(const char *text)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash;
}

static void observe(const struct record *record, struct identities *identities, struct tallies *tallies,
		    struct observation *call)
{
	call->call = record->event;
	call->command = command_of(record);
	struct identity *identity = identities_get(identities, record->stack);
	call->stack = identity ? identity->stack : 0;
	if (identity)
		memcpy(call->site, identity->site, sizeof call->site);
	call->begin_ns = record->begin_ns;
	memcpy(call->args, record->args, sizeof call->args);
	call->result = record->result;
	call->flags = record->flags;
	call->error = record->flags & RECORD_FAILED ? record->error : 0;
	struct tally all = {0, record->process, 0, call->command, call->call, true};
	struct tally here = {call->stack, record->process, 0, call->command, call->call, false};
	struct tally tree = {.call = call->call, .command = -1, .any_stack = true};
	if (call->site[0]) {
		struct tally site = {hash_text(call->site), record->process, 0,
				     call->command,         call->call,      false};
		call->site_ordinal = count_up(tallies, site)->count;
	}
	call->ordinal = count_up(tallies, all)->count;
	call->occurrence = count_up(tallies, here)->count;
	call->tree_ordinal = count_up(tallies, tree)->count;
}

/* How many there were in the end: known only behind the last. */
static void complete(const struct record *record, struct tallies *tallies, struct observation *call)
{
	struct tally here = {call->stack, record->process, 0, call->command, call->call, false};
	call->occurrences = find(tallies, here)->count;
}

/* Each worker tells each place once. */
static int tell_place(struct identity *identity, struct trial *trial)
{
	if (!identity || identity->is_told)
		return 0;
	struct place *places = realloc(trial->places, (trial->place_count + 1) * sizeof *places);
	if (!places)
		return -ENOMEM;
	places[trial->place_count++] = identity->place;
	trial->places = places;
	identity->is_told = true;
	return 0;
}

static int finish_calls(const struct watch *watch, const struct ledger *ledger, struct identities *identities,
			const struct arena *arena, uint64_t arena_size, struct trial *trial)
{
	struct tallies tallies = {NULL, 64};
	while (tallies.size < 8 * watch->count + 1)
		tallies.size *= 2;
	tallies.slots = calloc(tallies.size, sizeof *tallies.slots);
	trial->calls = calloc(watch->count + 1, sizeof *trial->calls);
	if (!tallies.slots || !trial->calls) {
		free(tallies.slots);
		return -ENOMEM;
	}
	trial->call_count = watch->count;
	for (size_t i = 0; i < watch->count; i++) {
		observe(&watch->calls[i], identities, &tallies, &trial->calls[i]);
		trial->calls[i].has_vanished = has_vanished(watch, watch->calls[i].process);
		put_role(ledger, arena, arena_size, watch->calls[i].process, trial->calls[i].role);
	}
	for (size_t i = 0; i < watch->count; i++)
		if (tell_place(identities_get(identities, watch->calls[i].stack), trial)) {
			free(tallies.slots);
			return -ENOMEM;
		}
	for (size_t i = 0; i < watch->count; i++)
		complete(&watch->calls[i], &tallies, &trial->calls[i]);
	free(tallies.slots);
	return 0;
}

static bool is_excused(const struct segment *segment)
{
	return segment->removal_attempts > 0 && segment->last_failed_removal.flags & RECORD_INJECTED;
}

static void add_left(struct trial *trial, const struct finding *finding, uint64_t stack)
{
	struct left_segments *left = NULL;
	for (size_t i = 0; i < trial->left_count; i++)
		if (trial->left[i].stack == stack)
			left = &trial->left[i];
	if (!left) {
		left = &trial->left[trial->left_count++];
		*left = (struct left_segments){.stack = stack};
	}
	uint32_t count = finding->count ? (uint32_t)finding->count : 1;
	left->count += count;
	left->bytes += finding->segment.bytes * count;
	left->excused += is_excused(&finding->segment) ? count : 0;
}

bool watch_is_left(enum finding_id id)
{
	return id == FINDING_SEGMENT_LEAK || id == FINDING_SEGMENT_UNATTRIBUTED ||
	       id == FINDING_SEGMENT_HELD || id == FINDING_LEFT_AT_TIMEOUT;
}

int watch_finish(const struct watch *watch, const struct ledger *ledger, const struct findings *findings,
		 struct identities *identities, const struct arena *arena, uint64_t arena_size,
		 struct trial *trial)
{
	trial->vanished = count_vanished(watch);
	trial->left_out = watch->left_out;
	trial->left = calloc(findings->count + 1, sizeof *trial->left);
	trial->misuses = calloc(findings->count + 1, sizeof *trial->misuses);
	if (!trial->left || !trial->misuses)
		return -ENOMEM;
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];
		if (watch_is_left(finding->id)) {
			uint64_t made = identities_stack(identities, finding->segment.creation.stack);
			add_left(trial, finding, made);
			continue;
		}
		trial->misuses[trial->misuse_count++] =
		    (struct misuse){.stack = identities_stack(identities, finding->offending.stack),
				    .id = finding->id,
				    .severity = finding->severity};
	}
	return finish_calls(watch, ledger, identities, arena, arena_size, trial);
}
