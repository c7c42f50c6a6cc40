// SPDX-License-Identifier: MIT
// explore: which faults a call could have met: an observation becomes points.
#include "expand.h"

#include "protocol/errno_table.h"

#include <stddef.h>

/* The world that makes ROW's errno true without a privilege or a helper; NULL: it is forged. */
static const char *world_of(const struct errno_possible *row, const struct expand_settings *settings)
{
	const struct plan_world_row *world = row->world ? plan_world_row(row->world) : NULL;
	return settings->worlds && world && world->is_supported && !world->needs ? world->name : NULL;
}

static bool is_wanted(const struct expand_settings *settings, const struct errno_possible *row)
{
	for (unsigned i = 0; i < settings->errno_count; i++)
		if (settings->errnos[i] == row->error)
			return true;
	return settings->errno_count == 0 && (settings->all_errnos || row->is_likely);
}

static unsigned add(const struct expand_settings *settings, const struct point *point, struct point *points,
		    unsigned count)
{
	if (settings->once && count < EXPAND_POINTS_MAX) {
		points[count] = *point;
		points[count++].mode = MODE_ONCE;
	}
	if (settings->persist && count < EXPAND_POINTS_MAX) {
		points[count] = *point;
		points[count++].mode = MODE_PERSIST;
	}
	return count;
}

static unsigned expand_signals(const struct expand_settings *settings, const struct observation *call,
			       struct point *ret_points)
{
	for (unsigned i = 0; i < settings->signal_count; i++)
		ret_points[i] =
		    (struct point){.at = *call, .mode = MODE_SIGNAL, .fault = settings->signals[i]};
	return settings->signal_count;
}

unsigned expand(const struct expand_settings *settings, const struct observation *call,
		struct point *ret_points)
{
	const struct errno_possible *row;
	unsigned count = 0;
	if (!(settings->calls >> call->call & 1))
		return 0;
	if (settings->signal_count)
		return expand_signals(settings, call, ret_points);
	for (unsigned i = 0; (row = errno_possible_at(i)); i++) {
		if (!is_wanted(settings, row) || call->error == row->error ||
		    !errno_possible_applies(row, call->call, call->args))
			continue;
		struct point point = {.at = *call, .fault = row->error, .world = world_of(row, settings)};
		count = add(settings, &point, ret_points, count);
	}
	return count;
}
