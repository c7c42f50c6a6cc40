// SPDX-License-Identifier: MIT
// report: JSON: what several of its objects have. share/shmcheck-report.schema.json is the contract.
#ifndef SHMCHECK_HARNESS_REPORT_JSON_PARTS_H
#define SHMCHECK_HARNESS_REPORT_JSON_PARTS_H

#include "told.h"

#include <jansson.h>
#include <stdio.h>

enum { JSON_VERSION = 1 }; /* of every object; rises when a reader of the old one would go wrong */

/* Writes OBJECT as a line and drops it. Returns 0, or -ENOMEM for NULL: nothing may be left out in silence. */
int json_put(json_t *object, FILE *stream);

/* A new object with its type and version. */
json_t *json_object_of(const char *type);

/* OBJECT with MEMBERS added; MEMBERS is dropped. NULL, and OBJECT dropped too, when one of them is NULL. */
json_t *json_merge(json_t *object, json_t *members);

/* BYTES as printable text (control characters and what is not UTF-8 as \xNN, a backslash doubled); null for NULL. */
json_t *json_text(const char *bytes);

json_t *json_stack(const struct told_stack *stack);
json_t *json_call(const struct told_call *call); /* null when there is none */
json_t *json_crash(const struct told_crash *crash); /* an object of its own: with type and version */
json_t *json_segment(const struct told_segment *told);
json_t *json_argv(const char *const *words); /* an array; empty for NULL */
json_t *json_shell_line(
    const char *const *words); /* ASCII that a shell reads as those words: nothing is escaped twice */
json_t *json_status(int status); /* {"exit":N} or {"signal":"SIGSEGV"} */

#endif
