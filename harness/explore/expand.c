// SPDX-License-Identifier: MIT
// explore: which faults a call could have met: an observation becomes points.
#include "expand.h"

#include "protocol/errno_table.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ipc.h>

/* The world that makes ROW's errno true for ARGS; NULL: it is forged. Nothing can be denied to a privileged program, nor to
 * one that asks for no permission, and a key that is taken cannot be planted again. */
static const char *world_of(const struct errno_possible *row, const uint64_t *args,
			    const struct expand_settings *settings)
{
	const struct plan_world_row *world = plan_world_row(row->world);
	bool is_finding = row->call == CALL_SHMGET && !(args[2] & IPC_CREAT);
	bool is_deniable = settings->denies && (row->call != CALL_SHMGET || args[2] & 0777);
	if (!settings->worlds || !world || (row->world == WORLD_DENIED && !is_deniable) ||
	    (row->world == WORLD_STALE && is_finding))
		return NULL;
	return world->name;
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

/* The arguments as the kernel took them: IPC_CREAT that found the segment created nothing, and cannot fail like it. */
static bool effective_args(const struct observation *call, uint64_t args[4])
{
	memcpy(args, call->args, sizeof call->args);
	args[3] = 0;
	bool has_found = call->call == CALL_SHMGET && !(call->flags & (RECORD_FAILED | RECORD_CREATED)) &&
			 !(call->flags & RECORD_CREATED_UNKNOWN) && args[2] & IPC_CREAT;
	if (has_found)
		args[2] &= ~(uint64_t)(IPC_CREAT | IPC_EXCL);
	return has_found;
}

unsigned expand(const struct expand_settings *settings, const struct observation *call,
		struct point *ret_points)
{
	const struct errno_possible *row;
	uint64_t args[4];
	unsigned count = 0;
	if (!(settings->calls >> call->call & 1))
		return 0;
	if (settings->signal_count)
		return expand_signals(settings, call, ret_points);
	bool has_found = effective_args(call, args);
	for (unsigned i = 0; (row = errno_possible_at(i)); i++) {
		if (!is_wanted(settings, row) || call->error == row->error ||
		    (has_found && row->error == ENOENT) || !errno_possible_applies(row, call->call, args))
			continue;
		struct point point = {
		    .at = *call, .fault = row->error, .world = world_of(row, args, settings)};
		count = add(settings, &point, ret_points, count);
	}
	return count;
}
