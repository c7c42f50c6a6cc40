// SPDX-License-Identifier: MIT
// counter: a number that processes share.
#ifndef COUNTER_H
#define COUNTER_H

#include <sys/types.h>

struct counter;

/* Makes the counter with KEY, at 0; NULL with errno when it cannot. */
struct counter *counter_create(key_t key);

/* Joins one that another process made; NULL with errno when there is none. */
struct counter *counter_join(key_t key);

long counter_add(struct counter *counter, long amount);

/* Leaves it; who made it takes it away. */
void counter_close(struct counter *counter);

#endif
