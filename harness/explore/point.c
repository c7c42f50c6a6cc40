// SPDX-License-Identifier: MIT
// explore: fault points: which call, where, fails how; their identity from run to run.
#include "point.h"

#include "protocol/call.h"
#include "protocol/errno_name.h"
#include "protocol/signal_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void point_call(const struct observation *observation, char *ret_text, size_t size)
{
	unsigned count;
	const struct shmctl_row *rows = shmctl_rows(&count);
	uint32_t bit = observation->call == CALL_SHMCTL ? shmctl_bit(observation->command) : 0;
	snprintf(ret_text, size, "%s%s%s", event_name(observation->call), bit ? "." : "",
		 bit ? rows[__builtin_ctz(bit)].suffix : "");
}

const char *point_mode(const struct point *point)
{
	static const char *const names[] = {
	    [MODE_ONCE] = "once", [MODE_PERSIST] = "persist", [MODE_SIGNAL] = "signal"};
	return names[point->mode];
}

const char *point_fidelity(const struct point *point)
{
	return point->mode == MODE_SIGNAL ? "signal" : point->world ? "world" : "forged";
}

const char *point_fault(const struct point *point)
{
	const char *name = point->mode == MODE_SIGNAL ? signal_name(point->fault) : errno_name(point->fault);
	return name ? name : "?";
}

void point_id(const struct point *point, char ret_id[POINT_ID_MAX])
{
	char call[32];
	point_call(&point->at, call, sizeof call);
	snprintf(ret_id, POINT_ID_MAX, "%s/%s@%016" PRIx64 "#%u:%s:%s", point->at.role, call, point->at.stack,
		 point->at.occurrence, point_fault(point), point_mode(point));
}

void point_rule(const struct point *point, char ret_rule[POINT_RULE_MAX])
{
	const struct observation *at = &point->at;
	char call[32], effect[64], plain[POINT_RULE_MAX / 2];
	point_call(at, call, sizeof call);
	if (point->mode == MODE_SIGNAL)
		snprintf(effect, sizeof effect, "signal=%s", point_fault(point));
	else if (point->world)
		snprintf(effect, sizeof effect, "world=%s", point->world);
	else
		snprintf(effect, sizeof effect, "error=%s", point_fault(point));
	/* Other threads' calls come at any time: those with one stack are counted apart. What fails for good fails wherever
	 * the program tries it again. */
	snprintf(plain, sizeof plain, "%s/%s:%s:when=%u%s:scope=process", at->role, call, effect, at->ordinal,
		 point->mode == MODE_PERSIST ? "+" : "");
	if (!at->site[0] || point->by_ordinal)
		snprintf(ret_rule, POINT_RULE_MAX, "%s", plain);
	else
		snprintf(ret_rule, POINT_RULE_MAX, "%s/%s:%s:when=%u:scope=process:in=%s%s%s", at->role, call,
			 effect, at->site_ordinal, at->site, point->mode == MODE_PERSIST ? ";" : "",
			 point->mode == MODE_PERSIST ? plain : "");
}

bool point_is_at(const struct point *point, const struct observation *observation)
{
	return observation->call == point->at.call && observation->command == point->at.command &&
	       observation->stack == point->at.stack && observation->occurrence == point->at.occurrence &&
	       strcmp(observation->role, point->at.role) == 0;
}

bool point_is_same(const struct point *a, const struct point *b)
{
	return point_is_at(a, &b->at) && a->fault == b->fault && a->mode == b->mode;
}

uint64_t point_hash(const struct point *point)
{
	char id[POINT_ID_MAX];
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	point_id(point, id);
	for (const char *c = id; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	return hash;
}
