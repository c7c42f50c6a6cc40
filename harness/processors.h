// SPDX-License-Identifier: MIT
// harness: how many processors there are for us.
#ifndef SHMCHECK_HARNESS_PROCESSORS_H
#define SHMCHECK_HARNESS_PROCESSORS_H

/* Those that this process may use (taskset(1), a container's set), at least 1: as nproc(1) counts. */
unsigned processors_count(void);

#endif
