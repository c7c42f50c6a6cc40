// SPDX-License-Identifier: MIT
// scenario: ${NAME} in the values of a document, and the matrix that gives such names values.
#ifndef SHMCHECK_HARNESS_SCENARIO_VARIABLES_H
#define SHMCHECK_HARNESS_SCENARIO_VARIABLES_H

#include "harness/scenario/document.h"

enum { VARIABLES_MOST = 16 };

/* Names and what they stand for. Not owned. */
struct variables {
	const char *names[VARIABLES_MOST], *values[VARIABLES_MOST];
	unsigned count;
};

/* A document's matrix, as lists of values. Points into the document. */
struct matrix {
	const char *names[VARIABLES_MOST];
	const yaml_node_t *lists[VARIABLES_MOST];
	unsigned count;
	size_t combinations; /* 1 without a matrix */
};

enum { MATRIX_MOST = 1000 /* combinations */ };

/* Reads the matrix of DOCUMENT. Returns 0, or -EINVAL with the complaint. */
int matrix_read(struct document *document, struct matrix *ret_matrix, struct complaint *complaint);

/* Adds the values of combination INDEX to VARIABLES. */
void matrix_choose(const struct matrix *matrix, struct document *document, size_t index,
		   struct variables *variables);

/* Replaces ${NAME} in all values of DOCUMENT but its matrix. Returns 0, -EINVAL with the complaint, -ENOMEM. */
int variables_replace(struct document *document, const struct variables *variables,
		      struct complaint *complaint);

#endif
