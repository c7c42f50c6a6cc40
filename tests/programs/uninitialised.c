// SPDX-License-Identifier: MIT
// Decides by a word that nobody wrote, around a clean life of a segment: one error for memcheck.
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

int main(void)
{
	volatile int *word = malloc(sizeof *word);
	int id = shmget(IPC_PRIVATE, 4096, 0600);
	if (!word || id == -1 || shmctl(id, IPC_RMID, NULL))
		return 1;
	if (*word)
		puts("by chance");
	free((void *)word);
	return 0;
}
