// SPDX-License-Identifier: MIT
// event log: evidence as JSON, and back.
#ifndef SHMCHECK_HARNESS_LOG_EVIDENCE_JSON_H
#define SHMCHECK_HARNESS_LOG_EVIDENCE_JSON_H

#include "harness/analyze/evidence.h"

/* A new text, to be freed; NULL: no memory. Bytes above 127 of argv and comm stand as \u0080 … \u00ff, so that any
 * bytes survive. */
char *evidence_to_json(const struct evidence *evidence);

/* Returns 0, -EBADMSG when TEXT is not what the other one wrote, or -ENOMEM. */
int evidence_from_json(const char *text, size_t length, struct evidence *ret_evidence);

#endif
