// SPDX-License-Identifier: MIT
// harness: how many processors there are for us.
#include "processors.h"

#include <sched.h>
#include <unistd.h>

unsigned processors_count(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return (unsigned)CPU_COUNT(&set);
	long online = sysconf(_SC_NPROCESSORS_ONLN); /* more than the set can hold */
	return online > 0 ? (unsigned)online : 1;
}
