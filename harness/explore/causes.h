// SPDX-License-Identifier: MIT
// explore: the causes of findings, and the first points that have them: the logs of their runs are kept.
#ifndef SHMCHECK_HARNESS_EXPLORE_CAUSES_H
#define SHMCHECK_HARNESS_EXPLORE_CAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many logs are kept: each is a file, and as long as the run. The causes beyond are told without. */
enum { CAUSES_LOGS = 100 };

struct cause_holder {
	uint64_t cause; /* not 0 */
	size_t place; /* of the first point that has it */
	bool has_log;
};

/* All zero is an empty one. */
struct causes {
	struct cause_holder *list; /* owned */
	size_t count, room;
	size_t *index; /* owned, open addressing: place in the list + 1; 0: free */
	size_t index_size;
	size_t logs;
};

/* The point at PLACE has CAUSE. Returns whether the log of its run is to be kept; *ret_loser is then the place of a point
 * whose log is to go for it, SIZE_MAX: none. It is the first points in the list that keep theirs, so that the report does
 * not depend on which run ended first. -ENOMEM when there is no memory. */
int causes_add(struct causes *causes, uint64_t cause, size_t place, size_t *ret_loser);

/* The point at PLACE has CAUSE no more. */
void causes_remove(struct causes *causes, uint64_t cause, size_t place);

void causes_free(struct causes *causes);

#endif
