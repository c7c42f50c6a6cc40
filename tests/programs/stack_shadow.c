// SPDX-License-Identifier: MIT
// stack_shadow CALLS SEED: shmget of absent keys from ever changing stacks. The program keeps its own account of how it
// came there, all return addresses, and passes a hash of it as the key: whoever sees the same stack must see the same key.
#include <alloca.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>

#define APART __attribute__((noinline, noclone))

enum { WAYS = 4, DEPTH = 3 };

static uint64_t shadow, state;
static long left;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void go(int depth);

APART static void leaf(void)
{
	uint64_t key = (shadow ^ shadow >> 32) & 0x7fffffff;
	shmget((key_t)(key | 1U << 30), 0, 0);
	left--;
	__asm__ volatile("" ::: "memory");
}

/* Data of the program: numbers, and now and then what looks like code or like a frame. */
static void fill(uint64_t *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		words[i] = next_random() >> 8 | UINT64_C(0xab) << 56;
	if (next_random() % 65536 == 0) {
		words[next_random() % count] = (uint64_t)(uintptr_t)leaf + next_random() % 16;
		words[next_random() % count] = (uint64_t)(uintptr_t)&words[next_random() % count];
	}
}

/* The first two have frames of one size: below them only a return address differs. */
#define WAY(name, words)                                                                                     \
	APART static void name(int depth)                                                                    \
	{                                                                                                    \
		uint64_t data[words], before = shadow;                                                       \
		fill(data, words);                                                                           \
		__asm__ volatile("" : : "r"(data) : "memory");                                               \
		shadow = (before ^ (uint64_t)(uintptr_t)__builtin_return_address(0)) *                       \
			 UINT64_C(0x9e3779b97f4a7c15);                                                       \
		go(depth);                                                                                   \
		shadow = before;                                                                             \
		__asm__ volatile("" : : "r"(data) : "memory");                                               \
	}
WAY(first, 12)
WAY(second, 12)
WAY(third, 13)
WAY(fourth, 21)

static void go(int depth)
{
	if (depth == 0) {
		leaf();
		return;
	}
	switch (next_random() % WAYS) {
	case 0:
		first(depth - 1);
		break;
	case 1:
		second(depth - 1);
		break;
	case 2:
		third(depth - 1);
		break;
	default:
		fourth(depth - 1);
	}
	__asm__ volatile("" ::: "memory");
}

/* Moves all that is below it by some words. */
APART static void shift(void)
{
	unsigned bytes = 16 * (1 + (unsigned)next_random() % 2);
	char *room = alloca(bytes);
	memset(room, (int)next_random(), bytes);
	__asm__ volatile("" : : "r"(room) : "memory");
	go(1 + (int)(next_random() % DEPTH));
	__asm__ volatile("" : : "r"(room) : "memory");
}

int main(int count, char **words)
{
	left = count > 1 ? atol(words[1]) : 1000;
	state = count > 2 ? strtoull(words[2], NULL, 0) : 1;
	while (left > 0)
		shift();
	return 0;
}
