// SPDX-License-Identifier: MIT
// tests: what a program that is killed has noted down: programs/killed writes it, test_kills reads it.
#ifndef SHMCHECK_TESTS_KILLED_H
#define SHMCHECK_TESTS_KILLED_H

#include <stdint.h>

enum { KILLED_SLOTS = 16 };

/* One thread. */
struct killed_slot {
	int32_t tid; /* 0: it never came so far */
	int32_t is_left; /* it has a segment, and was not about to remove it */
	int32_t may_be_left; /* it has one, or was about to make or remove it */
	uint64_t begun, done; /* calls */
};

struct killed_file {
	struct killed_slot slots[KILLED_SLOTS];
};

#endif
