// SPDX-License-Identifier: MIT
// scenario: a YAML document with the place of everything in it, and complaints that name these places.
#ifndef SHMCHECK_HARNESS_SCENARIO_DOCUMENT_H
#define SHMCHECK_HARNESS_SCENARIO_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

struct document {
	yaml_document_t yaml;
	const char *path; /* of the file; not owned */
};

/* What is wrong with a file: "FILE:LINE:COLUMN: what". */
struct complaint {
	char text[1024]; /* "": nothing yet */
};

/* Reads LENGTH bytes, which came from PATH. Returns 0, or -EINVAL with the complaint, -ENOMEM. */
int document_read(const char *path, const char *bytes, size_t length, struct document *ret_document,
		  struct complaint *complaint);
void document_free(struct document *document);

/* The node behind a path such as "expect.processes[2].name"; NULL when there is none. */
yaml_node_t *document_find(struct document *document, const char *path);

/* The value of KEY in MAPPING; NULL. */
yaml_node_t *document_value(struct document *document, const yaml_node_t *mapping, const char *key);

/* Complains (printf-like) about what lies at MARK. Always returns -EINVAL; of several complaints the first stays. */
int document_complain(const struct document *document, const yaml_mark_t *mark, struct complaint *complaint,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same about what lies at PATH (or at the nearest thing that is there), OFFSET bytes into its text. */
int document_complain_at(struct document *document, const char *path, size_t offset,
			 struct complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
