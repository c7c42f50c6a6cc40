// SPDX-License-Identifier: MIT
// scenario: the processes that are started, one part for each instance, by their roles.
#include "part.h"

#include "harness/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int parts_make(const struct scenario *scenario, struct parts *ret_parts)
{
	ret_parts->count = 0;
	for (unsigned i = 0; i < scenario->processes_count; i++) {
		const struct scenario_process *process = &scenario->processes[i];
		uint32_t instances = process->instances ? *process->instances : 1;
		for (uint32_t k = 1; k <= instances; k++) {
			if (ret_parts->count == SCENARIO_ROLES)
				return -ENOSPC;
			struct part *part = &ret_parts->list[ret_parts->count++];
			*part = (struct part){.process = process, .index = i};
			if (process->instances)
				snprintf(part->role, sizeof part->role, "%.48s-%u", process->name, k);
			else
				snprintf(part->role, sizeof part->role, "%.56s", process->name);
		}
	}
	return 0;
}

static bool is_named(const char *name, const char *role, size_t length)
{
	return strlen(name) == length && memcmp(name, role, length) == 0;
}

struct part_range parts_find(const struct parts *parts, const char *role)
{
	struct part_range range = {0, 0};
	size_t length = strcspn(role, "@");
	for (size_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->list[i];
		if (is_named(part->role, role, length))
			return (struct part_range){i, 1};
		if (!is_named(part->process->name, role, length))
			continue;
		range.first = range.count ? range.first : i;
		range.count++;
	}
	return range;
}

const char *parts_nearest(const struct parts *parts, const char *role)
{
	const char *names[SCENARIO_ROLES];
	char base[ROLE_MAX];
	snprintf(base, sizeof base, "%.*s", (int)strcspn(role, "@"), role);
	for (size_t i = 0; i < parts->count; i++)
		names[i] = parts->list[i].process->name;
	return error_nearest(base, names, (unsigned)parts->count);
}
