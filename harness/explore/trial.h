// SPDX-License-Identifier: MIT
// explore: what one run of the program showed: the matter that verdicts are made of.
#ifndef SHMCHECK_HARNESS_EXPLORE_TRIAL_H
#define SHMCHECK_HARNESS_EXPLORE_TRIAL_H

#include "harness/explore/point.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Segments that a run left, by the place that made them. */
struct left_segments {
	uint64_t stack; /* stack_identity() of the creation; 0: unknown */
	uint64_t bytes; /* of all of them */
	uint32_t count;
	uint32_t excused; /* of these, those that an injected failure to remove left */
};

/* A finding other than a leak, by kind and place. */
struct misuse {
	uint64_t stack;
	uint32_t id; /* enum finding_id */
	uint32_t severity;
};

enum { PLACE_NAME_MAX = 160, PLACE_PATH_MAX = 256, PLACE_ID_MAX = 48 };

/* A stack in words; told with the first run that shows it. */
struct place {
	uint64_t stack; /* stack_identity() */
	char name[PLACE_NAME_MAX]; /* "attach (shm.c:12)" */
	char callers[PLACE_NAME_MAX]; /* "open_all < main"; "" */
	char file[PLACE_PATH_MAX], function[PLACE_NAME_MAX],
	    object[PLACE_PATH_MAX]; /* where to look; "": unknown */
	char build_id[PLACE_ID_MAX];
	uint64_t offset;
	int32_t line;
	int32_t reserved;
};

struct trial {
	int32_t status; /* of PROGRAM, as waitpid(2) gives it */
	int32_t exec_errno;
	int32_t tool_errno; /* the tool itself failed: why[] says how */
	uint32_t timed_out;
	uint32_t lost; /* events lost or records bad: the books are not whole */
	uint32_t entered; /* the shim was in */
	uint32_t shares_namespace; /* with all that runs here: there was no private one */
	uint32_t crashes; /* processes of the tree that were seen to crash: in a traced run only */
	uint32_t idle_rules; /* rules of the user's that had no effect: in a run without a fault only */
	uint32_t vanished; /* processes that neither announced their end nor became another program */
	uint32_t
	    is_blind; /* a crash of a child would not have been seen, though it was to be: ptrace(2) is forbidden */
	uint32_t is_served; /* made by the fork server */
	uint32_t refusal; /* enum server_refusal */
	uint64_t left_out; /* calls that were not looked at: there were too many */
	uint64_t duration_ns, cpu_ns; /* by the clock; of all its processes that were waited for */
	uint64_t output,
	    errors; /* how standard output and standard error differ from what is expected; 0: they don't */
	struct observation *calls; /* owned, in order of begin */
	size_t call_count;
	struct left_segments *left; /* owned */
	size_t left_count;
	struct misuse *misuses; /* owned */
	size_t misuse_count;
	struct place *places; /* owned */
	size_t place_count;
	char why[256];
};

/* Frees the lists; the rest stays. */
void trial_drop_lists(struct trial *trial);

/* Frees the lists and zeroes it. */
void trial_free(struct trial *trial);

/* Writes TRIAL with its lists to the beginning of the file FD. Returns 0 or -errno. */
int trial_write(int fd, const struct trial *trial);

/* What trial_write wrote there; the lists are the caller's. Returns 0, or -errno with *RET_TRIAL untouched. */
int trial_read(int fd, struct trial *ret_trial);

#endif
