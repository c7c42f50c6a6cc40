// SPDX-License-Identifier: MIT
// report: places as SARIF has them.
#ifndef SHMCHECK_HARNESS_REPORT_SARIF_LOCATION_H
#define SHMCHECK_HARNESS_REPORT_SARIF_LOCATION_H

#include "told.h"

#include <jansson.h>

/* A location object: a source line, or else a binary and an address in it; and the function. */
json_t *sarif_location(const struct location *location);

#endif
