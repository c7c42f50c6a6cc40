// SPDX-License-Identifier: MIT
// explore: where a run's records go: into the books, among the calls that are looked at, and into a log.
#ifndef SHMCHECK_HARNESS_EXPLORE_INTAKE_H
#define SHMCHECK_HARNESS_EXPLORE_INTAKE_H

#include "harness/explore/identities.h"
#include "harness/explore/watch.h"
#include "harness/log/log.h"

struct intake {
	struct ledger *ledger;
	struct watch watch;
	struct record *kept; /* owned: for the log, should it be wanted */
	size_t kept_count, kept_room;
	size_t beyond; /* records behind those; of them the last are kept */
	struct record *last; /* owned; number n of them is at n % INTAKE_LAST */
};

enum { INTAKE_MOST = 100000, INTAKE_LAST = 64 };

/* Begins a run. Returns 0 or -ENOMEM. */
int intake_begin(struct intake *intake);

/* A launch_sink; CONTEXT is the intake. */
int intake_take(void *context, const struct record *records, size_t count);

/* Judges the run: fills TRIAL but for the outputs. EVIDENCE gets the ledger's doubts. Returns 0 or -errno. */
int intake_judge(struct intake *intake, struct identities *identities, const struct arena *arena,
		 uint64_t arena_size, struct evidence *evidence, struct trial *trial);

/* Writes the run's log into the file FD. Returns 0 or -errno. */
int intake_write_log(const struct intake *intake, int fd, const struct arena *arena, uint64_t arena_size,
		     const struct evidence *evidence);

/* Ends a run: the books go, the room stays. */
void intake_end(struct intake *intake);

#endif
