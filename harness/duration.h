// SPDX-License-Identifier: MIT
// front end: durations as people write them.
#ifndef SHMCHECK_HARNESS_DURATION_H
#define SHMCHECK_HARNESS_DURATION_H

#include <stdint.h>

/* Parses "1.5s", "200ms", "2m", "1h", "30" (seconds) into milliseconds. Returns 0, or -EINVAL (also for what is
 * negative or too long to count). */
int duration_parse(const char *text, int64_t *ret_ms);

#endif
