// SPDX-License-Identifier: MIT
// chain: builds a linked list in a segment, detaches, attaches again, and walks it.
#include "private.h"

#include <stdbool.h>
#include <stdio.h>

enum { LINKS = 5 };

/* A link says where the next one is by its address, or by its distance from the segment's start. 0: the last one. */
struct link {
	uint64_t next;
	int value;
};

static bool uses_pointers;

static struct link *attach(int id)
{
	struct link *links = shmat(id, NULL, 0);

	if (links == (void *)-1)
		err(1, "shmat");
	return links;
}

static void build(struct link *links)
{
	for (int i = 0; i < LINKS; i++) {
		const struct link *next = &links[i + 1];

		links[i].value = i + 1;
		links[i].next = uses_pointers ? (uintptr_t)next : (uint64_t)((char *)next - (char *)links);
	}
	links[LINKS - 1].next = 0;
}

static const struct link *follow(const struct link *links, uint64_t next)
{
	if (next == 0)
		return NULL;
	return uses_pointers ? (const void *)(uintptr_t)next : (const void *)((const char *)links + next);
}

static int sum(const struct link *links)
{
	int total = 0;

	for (const struct link *link = links; link; link = follow(links, link->next))
		total += link->value;
	return total;
}

static error_t parse(int option, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (option != 'p')
		return ARGP_ERR_UNKNOWN;
	uses_pointers = true;
	return 0;
}

static const struct argp_option table[] = {
    {"pointers", 'p', NULL, 0, "Store addresses, not distances from the segment's start", 0},
    {0},
};

int main(int argc, char **argv)
{
	static const struct argp argp = {
	    .options = table, .parser = parse, .doc = "Keeps a linked list in shared memory."};
	struct link *links;
	int id, total;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	id = private_segment();
	links = attach(id);
	build(links);
	if (shmdt(links) == -1)
		err(1, "shmdt");

	links = attach(id);
	private_remove();
	total = sum(links);
	printf("chain: the sum is %d\n", total);
	if (shmdt(links) == -1)
		err(1, "shmdt");
	return total == LINKS * (LINKS + 1) / 2 ? 0 : 1;
}
