// SPDX-License-Identifier: MIT
// protocol: the order that a scenario forces on its processes: points, who waits for which, and who waits now.
#include "order.h"

#include <string.h>

int order_place_counts(const struct order_place *place, unsigned event, int command, const char *name)
{
	if (place->event != event)
		return 0;
	if (event == CALL_SHMCTL && place->command) {
		unsigned count;
		const struct shmctl_row *rows = shmctl_rows(&count);
		return place->command <= count && rows[place->command - 1].command == shmctl_command(command);
	}
	return event != EVENT_POINT || strncmp(place->name, name, ORDER_NAME - 1) == 0;
}

int order_point_find(const struct order *order, uint32_t place, uint32_t n)
{
	for (uint32_t i = 0; i < order->point_count; i++)
		if (order->points[i].place == place && order->points[i].n == n)
			return (int)i;
	return -1;
}
